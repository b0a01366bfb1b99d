/** Which rows of the part `all` a fold of a set uses, and for what. */
import { readFile } from "node:fs/promises";
import { FormatError } from "../errors.js";
import { decodeNpyHeader } from "../npy/header.js";
import { FOLD_PARTS, type FoldPartName, type SetInfo } from "./schema.js";
import { foldFile } from "./set-files.js";

/** Rows of the part `all`, ascending; `val` is empty where validation is left to the trainer. */
export type FoldRows = Record<FoldPartName, Uint32Array>;

/** Reads the rows of a fold (counted from 1). @throws FormatError where a row is outside of the set or used twice */
export async function readFoldRows(set: { folder: string; info: SetInfo }, fold: number): Promise<FoldRows> {
  const { folder, info } = set;
  const count = info.parts.all?.count ?? 0;
  const taken = new Uint8Array(count);
  const rows: FoldRows = { train: new Uint32Array(0), val: new Uint32Array(0), test: new Uint32Array(0) };
  for (const part of FOLD_PARTS) {
    if (info.folds?.[fold - 1]?.[part] === null) continue;
    const file = foldFile({ folder, name: info.name }, { fold, part });
    rows[part] = await readRows(file, {
      count,
      onRow(row) {
        if (taken[row] === 1) throw badRows(file, `row ${row} twice in fold ${fold}`);
        taken[row] = 1;
      },
    });
  }
  return rows;
}

/** Row numbers of an array, int64 `[n]`. @throws FormatError for another array, and rows that are not of `count` */
export async function readRows(
  file: string,
  { count, onRow }: { count: number; onRow?: (row: number) => void },
): Promise<Uint32Array> {
  const bytes = await readFile(file);
  const { dtype, descr, shape, dataOffset } = decodeNpyHeader(bytes, file);
  const values = bytes.subarray(dataOffset);
  if (dtype !== "int64" || shape.length !== 1)
    throw badRows(file, `an array of ${dtype ?? descr} [${shape.join(", ")}]`);
  if (values.length !== 8 * shape[0]!) throw badRows(file, `${values.length} bytes for ${shape[0]} rows`);
  return Uint32Array.from({ length: shape[0]! }, (_, i) => {
    const row = Number(values.readBigInt64LE(8 * i));
    if (row < 0 || row >= count) throw badRows(file, `row ${row} of a set of ${count}`);
    onRow?.(row);
    return row;
  });
}

const badRows = (file: string, found: string): FormatError =>
  new FormatError({
    code: "BAD_FOLD",
    subject: file,
    found,
    expected: "rows of the part all, each at most once in a fold",
    fix: "Assemble the set again",
  });
