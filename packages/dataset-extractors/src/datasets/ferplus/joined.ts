/**
 * `fer2013new.csv` has votes and no pixels: its rows belong to the rows of `fer2013.csv` by position. The number in
 * `fer0000059.png` is not the row; 173 rows have no name at all. That the two files are in the same order is proved three
 * times: Usage must agree row by row, the owner's emotion must be that of most votes as often as it is in the real files
 * (see {@link Agreement}), and whole files must have the fingerprint of the owners' order (see {@link RowOrder}).
 */
import type { Form } from "../../definition.js";
import type { SampleInput, SkippedInput } from "../../items.js";
import { DatasetError } from "@fer/core";
import { csvTable, headedTables } from "../../files/csv.js";
import { unknownCode } from "../../readers/codes.js";
import { pixelGroup, pixelImage, pixelRows, type PixelRow } from "../../readers/pixel-table.js";
import type { Folder } from "../../tree/folder.js";
import { fileStem } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { CODES, USAGE } from "../fer2013/constants.js";
import { emotionOf } from "../fer2013/emotion.js";
import { Agreement, type Disagreement } from "./agreement.js";
import { RowOrder } from "./row-order.js";
import { VOTES, VOTE_TOTALS, labelled, mostVoted, unjudged, type FerPlusOptions } from "./votes.js";

const COLUMNS = ["Usage", "Image name", ...VOTES] as const;
const PIXELS = ["emotion", "pixels", "Usage"];

export const joined: Form<FerPlusOptions> = {
  name: "fer2013new",
  tree: "fer2013new.csv      Usage,Image name,neutral,...,NF; 35,887 rows\nfer2013.csv         the pixels, row by row",
  groupKind: "photo",
  expected: ({ rule }) => VOTE_TOTALS[rule],
  async detect(folder) {
    const pixels = await headedTables(folder, PIXELS);
    const votes = await headedTables(folder, COLUMNS);
    if (pixels.files.length > 0 && votes.files.length > 0) return folder;
    if (votes.files.length > 0)
      return (
        pixels.misfit ?? { misses: `beside "${votes.files[0]}" there is no fer2013.csv with the pixels`, near: 0.6 }
      );
    return votes.misfit;
  },
  async *read(folder, { rule }) {
    const [file] = (await headedTables(folder, PIXELS)).files;
    const votes = (await voteTable(folder))!;
    for await (const pair of pairs(folder, { votes, file: file! })) yield item({ ...pair, file: file!, rule });
  },
};

type VoteRow = Record<(typeof COLUMNS)[number], string> & { source: string };

interface Pair {
  row: VoteRow;
  pixel: PixelRow;
  /** Hash of the pixels; `undefined` where they are damaged. */
  group: string | undefined;
  file: string;
  rule: FerPlusOptions["rule"];
}

function item({ row, pixel, group, file, rule }: Pair): SampleInput | SkippedInput {
  const { source } = row;
  const { pixels, usage, emotion, row: number } = pixel;
  const split = splitOfUsage(usage, source);
  const label = rule === "fer2013" ? ownersLabel(row, emotion) : labelled(row, { source, rule });
  if ("reason" in label) return { ...label, source };
  if (typeof pixels === "string") return { source, reason: "undecodable", detail: `${file}: ${pixels}` };
  const id = fileStem(row["Image name"].trim()) || `row_${number}`;
  return {
    ...label,
    source,
    id,
    distinction: `row${number}`,
    image: pixelImage(pixels),
    split,
    group,
  };
}

/** The class of `fer2013.csv`, and the votes. */
function ownersLabel(row: VoteRow, emotion: string) {
  const expression = emotionOf(emotion, row.source);
  return typeof expression === "string" ? { ...unjudged(row, row.source), expression } : expression;
}

/** Rows of both files, side by side. */
async function* pairs(folder: Folder, { votes, file }: { votes: string; file: string }) {
  const table = pixelRows(folder, file);
  const agreement = new Agreement();
  const order = new RowOrder();
  let last = votes;
  try {
    for await (const row of voteRows(folder, votes)) {
      const { source } = row;
      const next = await table.next();
      if (next.done) throw joinError(source, `no row of ${file} is left for it`);
      const { usage, emotion, pixels } = next.value;
      if (usage !== row.Usage.trim())
        throw joinError(source, `Usage is "${short(row.Usage)}", ${file} has "${short(usage)}" in this row`);
      last = source;
      const most = mostVoted(row);
      if (most !== undefined && most !== "contempt") {
        const found = agreement.add(CODES[Number(emotion)] === most);
        checkAgreement(found, { votes, file, source });
      }
      const group = typeof pixels === "string" ? undefined : pixelGroup(pixels);
      order.add(group, { usage, name: row["Image name"] });
      yield { row, pixel: next.value, group };
    }
    checkAgreement(agreement.finish(), { votes, file, source: last });
    if (!(await table.next()).done) throw joinError(votes, `${file} has more rows`);
    const moved = order.finish();
    if (moved !== undefined) throw joinError(moved.file === "votes" ? votes : file, moved.found);
  } finally {
    await table.return(undefined);
  }
}

/** Refuses rows whose votes say otherwise than the owner's emotions: one of the files is not in its order. */
function checkAgreement(
  found: Disagreement | undefined,
  { votes, file, source }: { votes: string; file: string; source: string },
): void {
  if (found === undefined) return;
  const share = `${found.agree} of ${found.rows} rows`;
  throw joinError(
    source,
    `in ${share} up to it the emotion of ${file} is the one with most votes of ${votes}, and in the owners' files it is in 63 %`,
  );
}

/** The csv with the columns of `fer2013new.csv`, whatever its name. */
export async function voteTable(folder: Folder): Promise<string | undefined> {
  return (await headedTables(folder, COLUMNS)).files[0];
}

/** Its rows by column. */
export function voteRows(folder: Folder, file: string) {
  return csvTable(folder, { file, required: COLUMNS });
}

/** Split of a `Usage`. */
export function splitOfUsage(usage: string, source: string): Split {
  const split = USAGE.get(usage.trim());
  if (split !== undefined) return split;
  throw unknownCode({ source, what: "Usage", found: usage, expected: [...USAGE.keys()].join(", ") });
}

const short = (text: string) => text.trim().slice(0, 40);

function joinError(subject: string, found: string): DatasetError {
  return new DatasetError({
    code: "ROWS_DO_NOT_MATCH",
    subject,
    found,
    expected: "the same rows in the same order in both files, since they are joined by position",
    fix: "Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted",
  });
}
