/**
 * FER+ (Barsoum et al. 2016): ten votes for each image of FER2013. `fer2013new.csv` has no pixels: its rows belong to
 * the rows of `fer2013.csv` by position (the number in `fer0000059.png` is not the row). The authors' png export has a
 * header-less `label.csv` in each part; the two label files disagree on 1,602 images, so they are two forms.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { Form, SampleInput, SkippedInput } from "../adapter.js";
import { DatasetError } from "../errors.js";
import { csvRecords, csvRows } from "../formats/csv.js";
import { base, stem } from "../formats/folder.js";
import type { Folder } from "../formats/folder.js";
import { headedTables } from "../formats/headed-tables.js";
import { PIXEL_SIDE, pixelGroup, pixelRows } from "../formats/pixel-table.js";
import { UniqueIds } from "../formats/unique-ids.js";
import { unknownCode } from "../formats/unknown-code.js";
import { unlistedImages } from "../formats/unlisted.js";
import type { Split } from "../image-folder.js";
import { USAGE } from "./fer2013/constants.js";
import { Rule, VOTES, VOTE_TOTALS, classOfVotes, readVotes } from "./ferplus/votes.js";

const Options = z.strictObject({
  rule: Rule.default("majority").describe(
    "How ten votes make a class: majority (the authors': single votes removed, then more than half), or arg-max (most votes, first wins)",
  ),
});
type Options = z.infer<typeof Options>;

const PART = /^fer2013(train|valid|test)$/i;
const PARTS: Readonly<Record<string, Split>> = { train: "train", valid: "val", test: "test" };
const LABEL_COLUMNS = ["name", "box", ...VOTES] as const;
const TABLE_COLUMNS = ["Usage", "Image name", ...VOTES] as const;

const joined: Form<Options> = {
  name: "fer2013new",
  tree: "fer2013new.csv      Usage,Image name,neutral,...,NF; 35,887 rows\nfer2013.csv         the pixels, row by row",
  groupKind: "photo",
  expected: ({ rule }) => VOTE_TOTALS[rule],
  async detect(folder) {
    const [pixels] = await headedTables(folder, ["emotion", "pixels", "Usage"]);
    return pixels !== undefined && (await voteTable(folder)) !== undefined ? folder : undefined;
  },
  async *read(folder, { rule }, tally) {
    const [file] = await headedTables(folder, ["emotion", "pixels", "Usage"]);
    const votesFile = (await voteTable(folder))!;
    const ids = new UniqueIds();
    const pixelTable = pixelRows(folder, file!);
    try {
      for await (const { line, values } of voteRows(folder, votesFile)) {
        tally.rows();
        const source = `${votesFile}:${line}`;
        const next = await pixelTable.next();
        if (next.done) throw joinError(source, `no row of ${file} is left for it`);
        const { usage, pixels, row } = next.value;
        if (usage !== values.Usage.trim())
          throw joinError(source, `Usage is "${short(values.Usage)}", ${file} has "${short(usage)}" in this row`);
        const split = USAGE.get(usage);
        if (split === undefined) throw unknownCode(source, "Usage", usage, [...USAGE.keys()].join(", "));
        const item = labelled(values, source, rule);
        if ("reason" in item) yield item;
        else if (typeof pixels === "string") yield { source, reason: "undecodable", detail: `${file}: ${pixels}` };
        else {
          const name = stem(values["Image name"].trim()) || `row_${row}`;
          const image = { pixels, width: PIXEL_SIDE, height: PIXEL_SIDE, channels: 1 as const };
          yield { ...item, id: ids.take(split, name, `row${row}`), image, split, group: pixelGroup(pixels) };
        }
      }
      if (!(await pixelTable.next()).done) throw joinError(votesFile, `${file} has more rows`);
    } finally {
      await pixelTable.return(undefined);
    }
  },
};

const exported: Form<Options> = {
  name: "label-csv",
  tree: "FER2013Train/label.csv, fer0000000.png ...\nFER2013Valid/label.csv, ...\nFER2013Test/label.csv, ...",
  expected: ({ rule }) => (rule === "majority" ? VOTE_TOTALS["label-csv"] : []),
  detect: (folder) => (labelFiles(folder).length > 0 ? folder : undefined),
  async *read(folder, { rule }, tally) {
    for (const file of labelFiles(folder)) {
      const dir = dirOf(file);
      const split = partOf(folder, dir)!;
      const seen = new Set<string>();
      const rows = csvRows(folder.lines(file), { file });
      for await (const { line, values } of csvRecords(rows, {
        file,
        required: LABEL_COLUMNS,
        positional: LABEL_COLUMNS,
      })) {
        tally.rows();
        const source = `${file}:${line}`;
        const { path: image, problem } = folder.find(values.name, dir);
        const twice = image !== undefined && seen.has(image);
        if (image !== undefined) seen.add(image);
        const item = labelled(values, source, rule);
        if (twice) yield { source, reason: "invalid", detail: `"${values.name}" has a row already` };
        else if ("reason" in item) yield item;
        else if (image === undefined) yield { source, reason: "missing-file", detail: problem };
        else yield { ...item, id: stem(image), image: { file: image }, split };
      }
      yield* unlistedImages(folder, dir, seen);
    }
  },
};

/** FER+. */
export const ferplus = defineAdapter({
  name: "ferplus",
  title: "FER+",
  citation:
    "Barsoum, Zhang, Canton Ferrer, Zhang, Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution, ICMI 2016",
  licence: "Labels MIT (microsoft/FERPlus); images as FER2013, treat as research only",
  homepage: "https://github.com/microsoft/FERPlus",
  access: "Labels from the authors' repository, images from FER2013",
  imageKind: "crop",
  groupKind: "none",
  groupSpace: "fer2013",
  splits: ["train", "val", "test"],
  verified: "real files",
  options: Options,
  forms: [joined, exported],
});

type Labelled = Omit<SampleInput, "id" | "image">;

function labelled(values: Record<(typeof VOTES)[number], string>, source: string, rule: Rule): Labelled | SkippedInput {
  const counts = readVotes(VOTES.map((name) => values[name]));
  const rawLabel = VOTES.map((name) => values[name]).join(",");
  if (typeof counts === "string") throw unknownCode(source, "the row of votes", rawLabel, counts);
  const result = classOfVotes(counts, rule);
  if ("reason" in result) return { source, reason: result.reason, detail: `votes ${rawLabel}` };
  return { expression: result.expression, votes: result.votes, source, rawLabel };
}

function voteRows(folder: Folder, file: string) {
  const rows = csvRows(folder.lines(file), { file });
  return csvRecords(rows, { file, required: TABLE_COLUMNS });
}

/** The csv with the columns of `fer2013new.csv`, whatever its name. */
const voteTable = async (folder: Folder): Promise<string | undefined> => (await headedTables(folder, TABLE_COLUMNS))[0];

/** `label.csv` files with pictures beside them, in the order train, valid, test. */
function labelFiles(folder: Folder): string[] {
  const order = (file: string) => Object.values(PARTS).indexOf(partOf(folder, dirOf(file)) ?? "all");
  return folder
    .findFiles("label.csv")
    .filter((file) => order(file) >= 0 && folder.images(dirOf(file)).length > 0)
    .sort((a, b) => order(a) - order(b));
}

const short = (text: string) => text.trim().slice(0, 40);
const dirOf = (file: string) => file.split("/").slice(0, -1).join("/");

/** The split of a folder named FER2013Train, FER2013Valid or FER2013Test; also the given folder itself. */
function partOf(folder: Folder, dir: string): Split | undefined {
  const name = dir === "" ? base(folder.root.replaceAll("\\", "/")) : base(dir);
  return PARTS[PART.exec(name)?.[1]?.toLowerCase() ?? ""];
}

function joinError(subject: string, found: string): DatasetError {
  return new DatasetError({
    code: "ROWS_DO_NOT_MATCH",
    subject,
    found,
    expected: "the same rows in the same order in both files, since they are joined by position",
    fix: "Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted",
  });
}
