/**
 * `fer2013new.csv` has votes and no pixels: its rows belong to the rows of `fer2013.csv` by position. The number in
 * `fer0000059.png` is not the row; 173 rows have no name at all. Usage must agree row by row.
 */
import type { Form } from "../../adapter.js";
import { DatasetError } from "@fer/core";
import { csvRecords, csvRows, headedTables } from "../../files/csv.js";
import { type Folder, stem } from "../../tree/folder.js";
import { PIXEL_SIDE, pixelGroup, pixelRows } from "../../readers/pixel-table.js";
import { UniqueIds } from "../../readers/unique-ids.js";
import { unknownCode } from "../../readers/codes.js";
import type { Split } from "@fer/core/image-folder";
import { USAGE } from "../fer2013/constants.js";
import { VOTES, VOTE_TOTALS, labelled } from "./votes.js";
import type { FerPlusOptions } from "./votes.js";

const COLUMNS = ["Usage", "Image name", ...VOTES] as const;
const PIXELS = ["emotion", "pixels", "Usage"];

/** The form. */
export const joined: Form<FerPlusOptions> = {
  name: "fer2013new",
  tree: "fer2013new.csv      Usage,Image name,neutral,...,NF; 35,887 rows\nfer2013.csv         the pixels, row by row",
  groupKind: "photo",
  expected: ({ rule }) => VOTE_TOTALS[rule],
  async detect(folder) {
    const [pixels] = await headedTables(folder, PIXELS);
    return pixels !== undefined && (await voteTable(folder)) !== undefined ? folder : undefined;
  },
  async *read(folder, { rule }, tally) {
    const [file] = await headedTables(folder, PIXELS);
    const votes = (await voteTable(folder))!;
    const ids = new UniqueIds();
    const table = pixelRows(folder, file!);
    try {
      for await (const { line, values } of voteRows(folder, votes)) {
        tally.rows();
        const source = `${votes}:${line}`;
        const next = await table.next();
        if (next.done) throw joinError(source, `no row of ${file} is left for it`);
        const { usage, pixels, row } = next.value;
        if (usage !== values.Usage.trim()) {
          throw joinError(source, `Usage is "${short(values.Usage)}", ${file} has "${short(usage)}" in this row`);
        }
        const split = splitOfUsage(usage, source);
        const item = labelled(values, source, rule);
        if ("reason" in item) yield item;
        else if (typeof pixels === "string") yield { source, reason: "undecodable", detail: `${file}: ${pixels}` };
        else {
          const id = ids.take(split, stem(values["Image name"].trim()) || `row_${row}`, `row${row}`);
          const image = { pixels, width: PIXEL_SIDE, height: PIXEL_SIDE, channels: 1 as const };
          yield { ...item, id, image, split, group: pixelGroup(pixels) };
        }
      }
      if (!(await table.next()).done) throw joinError(votes, `${file} has more rows`);
    } finally {
      await table.return(undefined);
    }
  },
};

/** The csv with the columns of `fer2013new.csv`, whatever its name. */
export async function voteTable(folder: Folder): Promise<string | undefined> {
  return (await headedTables(folder, COLUMNS))[0];
}

/** Its rows by column. */
export function voteRows(folder: Folder, file: string) {
  return csvRecords(csvRows(folder.lines(file), { file }), { file, required: COLUMNS });
}

/** Split of a `Usage`. */
export function splitOfUsage(usage: string, source: string): Split {
  const split = USAGE.get(usage.trim());
  if (split === undefined) throw unknownCode(source, "Usage", usage, [...USAGE.keys()].join(", "));
  return split;
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
