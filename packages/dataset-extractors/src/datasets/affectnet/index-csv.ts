/**
 * Copies of AffectNet with one index csv, `phase,img_path,label` or `number,exp,val,aro`. Whoever made such a csv may have
 * numbered the classes himself, so the numbers are taken for AffectNet's codes only where something proves it: codes
 * that no other table has, class names in the paths, the valence beside the codes, or the shares of the classes.
 */
import { DatasetError, expressionNamed, labelOf, type Expression } from "@fer/core";
import type { Form } from "../../definition.js";
import { decimal } from "../../files/cells.js";
import { csvTable, headedTables, type TableRow } from "../../files/csv.js";
import { safeId } from "../../ids.js";
import { isOf } from "../../permuted.js";
import { listed, type RowReading } from "../../readers/listed.js";
import { COMMON_SPLITS, splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { folderOf } from "../../tree/names.js";
import { CODES, TRAIN, affect, readCode } from "./codes.js";
import { npy2021 } from "./npy-2021.js";
import type { AffectNetOptions } from "./options.js";

const BY_PATH = ["phase", "img_path", "label"] as const;
const BY_NUMBER = ["number", "exp", "val", "aro"] as const;
type Row = TableRow<(typeof BY_PATH)[number] | (typeof BY_NUMBER)[number]>;

export const indexCsv: Form<AffectNetOptions> = {
  name: "index-csv",
  tree: "<any>.csv      phase,img_path,label   or   number,exp,val,aro\n<pictures>",
  async detect(folder, options) {
    // beside the .npy of 2021 the csv is only a copy of them
    if ((await npy2021.detect(folder, options)) === folder) return undefined;
    const byPath = await headedTables(folder, BY_PATH);
    if (byPath.files.length > 0) return folder;
    const byNumber = await headedTables(folder, BY_NUMBER);
    if (byNumber.files.length > 0) return folder;
    const near = [byPath.misfit, byNumber.misfit].filter((misfit) => misfit !== undefined);
    return near.toSorted((a, b) => b.near - a.near)[0];
  },
  async *read(folder, options) {
    const files = [...(await headedTables(folder, BY_PATH)).files, ...(await headedTables(folder, BY_NUMBER)).files];
    for (const file of files) {
      if (options.map === undefined) await checkCodes(folder, file);
      yield* listed(folder, {
        in: folderOf(file),
        rows: () => rowsOf(folder, file),
        picture: (row) => row.img_path || `${row.number.trim()}.jpg`,
        read: (row, picture) => readRow({ row, picture, options }),
      });
    }
  },
};

const rowsOf = (folder: Folder, file: string) =>
  csvTable(folder, { file, required: [], optional: [...BY_PATH, ...BY_NUMBER] });

interface RowTask {
  row: Row;
  picture: string | undefined;
  options: AffectNetOptions;
}

function readRow({ row, picture, options: { map } }: RowTask): RowReading {
  const code = (row.label || row.exp).trim();
  if (map !== undefined && !Object.hasOwn(map, code))
    return { reason: "other", detail: `label "${code}" is not in the map` };
  const expression = map === undefined ? readCode(code, row.source) : map[code]!;
  if (typeof expression !== "string") return expression;
  const path = picture ?? "";
  return {
    id: safeId(path.replace(/\.[^./]*$/, "")),
    expression,
    split: splitOf([...path.split("/"), row.phase], COMMON_SPLITS) ?? "all",
    rawLabel: code,
    valence: affect(row.val),
    arousal: affect(row.aro),
  };
}

/** What the rows of a table say about its codes. */
interface Evidence {
  rows: number;
  /** Codes that there are. */
  codes: ReadonlySet<number>;
  /** Rows whose path names a class: the same, another. */
  named: { same: number; other: number };
  counts: number[];
  /** Sum and number of the valences of happy faces, and of sad, fearful, disgusted and angry ones. */
  valence: Record<"happy" | "sour", { sum: number; count: number }>;
}

/** Rows of either kind below which the mean valence says nothing. */
const FEW = 5;
/** How much higher the mean valence of happy faces is at least: AffectNet's own are 1.2 apart, other numbers 0.1 or less. */
const APART = 0.5;
const SOUR: ReadonlySet<Expression> = new Set(["sad", "fear", "disgust", "anger"]);

/** Refuses a table whose codes are not AffectNet's, or could be anybody's. */
async function checkCodes(folder: Folder, file: string): Promise<void> {
  const { rows, codes, named, counts, valence, isOwn } = await evidenceOf(folder, file);
  const { happy, sour } = valence;
  const difference =
    happy.count < FEW || sour.count < FEW ? undefined : happy.sum / happy.count - sour.sum / sour.count;
  if (named.other > named.same)
    throw otherCodes(
      file,
      `${named.other} of ${rows} rows have a class in their path that is not AffectNet's of their code`,
    );
  if (difference !== undefined && difference < APART)
    throw otherCodes(
      file,
      `the valence of code 1, which is happy, is ${difference.toFixed(1)} above that of 2, 4, 5 and 6 in the mean, and not ${APART} or more`,
    );
  // eight classes counted from 1 have an 8 as well
  const isFromOne = !codes.has(0) && codes.size === CODES.length;
  const hasOutside = [8, 9, 10].some((code) => codes.has(code)) && !isFromOne;
  const isProved = hasOutside || named.same > 0 || difference !== undefined || isOf(counts, TRAIN);
  if (!isProved && !isOwn) throw otherCodes(file, `nothing proves that its ${rows} labels are numbered as AffectNet's`);
}

async function evidenceOf(folder: Folder, file: string): Promise<Evidence & { isOwn: boolean }> {
  const zero = () => ({ sum: 0, count: 0 });
  const found = {
    rows: 0,
    codes: new Set<number>(),
    named: { same: 0, other: 0 },
    counts: [0, 0, 0, 0, 0, 0, 0, 0],
    valence: { happy: zero(), sour: zero() },
    // the columns of the owner's own annotations
    isOwn: false,
  };
  for await (const row of rowsOf(folder.peek(), file)) {
    found.rows += 1;
    found.isOwn = row.exp !== "";
    const code = Number((row.label || row.exp).trim());
    const expression = CODES[code];
    found.codes.add(code);
    if (expression === undefined) continue;
    found.counts[labelOf(expression)]! += 1;
    const word = row.img_path.split(/[\\/]/).findLast((name) => expressionNamed(name) !== undefined);
    if (word !== undefined) found.named[expressionNamed(word) === expression ? "same" : "other"] += 1;
    const value = decimal(row.val);
    const kind = expression === "happy" ? "happy" : SOUR.has(expression) ? "sour" : undefined;
    if (kind === undefined || value === undefined || value < -1) continue;
    found.valence[kind].sum += value;
    found.valence[kind].count += 1;
  }
  return found;
}

function otherCodes(file: string, found: string): DatasetError {
  return new DatasetError({
    code: "OTHER_NUMBERS",
    subject: file,
    found,
    expected: "labels that are known to be AffectNet's codes: copies number the classes in several ways",
    fix: `Say what they mean; if they are AffectNet's, pass --map ${CODES.map((name, code) => `${code}=${name}`).join(",")}`,
  });
}
