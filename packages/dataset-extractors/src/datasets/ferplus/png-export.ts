/**
 * The png export of the authors' code: `FER2013Train`, `FER2013Valid` and `FER2013Test` with `fer<7 digits>.png`, and in
 * each a `label.csv` without header. Exports without `label.csv` are joined to `fer2013new.csv` by name; of a name that
 * occurs twice, the later row overwrote the picture of the earlier one.
 */
import type { Form } from "../../adapter.js";
import { csvRecords, csvRows } from "../../files/csv.js";
import { type Folder, base, stem } from "../../tree/folder.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import { joined, splitOfUsage, voteRows, voteTable } from "./joined.js";
import { VOTES, VOTE_TOTALS, labelled } from "./votes.js";
import type { FerPlusOptions } from "./votes.js";

const PARTS: readonly (readonly [RegExp, Split])[] = [
  [/^fer2013train$/i, "train"],
  [/^fer2013valid$/i, "val"],
  [/^fer2013test$/i, "test"],
];
const COLUMNS = ["name", "box", ...VOTES] as const;
const PICTURE = /^fer\d{7}\.\w+$/i;

/** Pictures with a `label.csv` beside them. */
export const labelCsv: Form<FerPlusOptions> = {
  name: "label-csv",
  tree: "FER2013Train/label.csv, fer0000000.png ...\nFER2013Valid/label.csv, ...\nFER2013Test/label.csv, ...",
  expected: ({ rule }) => (rule === "majority" ? VOTE_TOTALS["label-csv"] : []),
  detect: (folder) => (labelFiles(folder).length > 0 ? folder : undefined),
  async *read(folder, { rule }, tally) {
    for (const { file, dir, split } of labelFiles(folder)) {
      const seen = new Set<string>();
      const columns = { file, required: COLUMNS, positional: COLUMNS };
      for await (const { line, values } of csvRecords(csvRows(folder.lines(file), { file }), columns)) {
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

/** Pictures by name, where there is neither a `label.csv` nor `fer2013.csv`. */
export const pngNames: Form<FerPlusOptions> = {
  name: "png-names",
  tree: "fer2013new.csv\nFER2013Train/fer0000000.png ...      no label.csv",
  async detect(folder, options) {
    if (labelFiles(folder).length > 0 || !folder.images().some((file) => PICTURE.test(base(file)))) return undefined;
    if ((await joined.detect(folder, options)) !== undefined) return undefined;
    return (await voteTable(folder)) === undefined ? undefined : folder;
  },
  async *read(folder, { rule }, tally) {
    const votes = (await voteTable(folder))!;
    const last = new Map<string, number>();
    for await (const { line, values } of voteRows(folder, votes)) last.set(values["Image name"].trim(), line);
    const seen = new Set<string>();
    for await (const { line, values } of voteRows(folder, votes)) {
      tally.rows();
      const source = `${votes}:${line}`;
      const name = values["Image name"].trim();
      const split = splitOfUsage(values.Usage, source);
      const item = labelled(values, source, rule);
      const { path: image, problem } = folder.find(name);
      if (image !== undefined) seen.add(image);
      const later = last.get(name);
      if ("reason" in item) yield item;
      else if (image === undefined) yield { source, reason: "missing-file", detail: problem };
      else if (later !== line) yield { source, reason: "missing-file", detail: `row ${later} overwrote "${name}"` };
      else yield { ...item, id: stem(image), image: { file: image }, split };
    }
    yield* unlistedImages(folder, "", seen);
  },
};

/** `label.csv` files with pictures beside them, in the order train, valid, test. */
function labelFiles(folder: Folder): { file: string; dir: string; split: Split }[] {
  const files = folder.findFiles("label.csv").map((file) => ({ file, dir: file.split("/").slice(0, -1).join("/") }));
  return PARTS.flatMap(([name, split]) =>
    files
      // the folder that was passed may itself be a part
      .filter(({ dir }) => name.test(base(dir === "" ? folder.root.replaceAll("\\", "/") : dir)))
      .filter(({ dir }) => folder.images(dir).length > 0)
      .map(({ file, dir }) => ({ file, dir, split })),
  );
}
