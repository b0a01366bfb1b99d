/**
 * Reads the list of the policies `from-file` and `folds-from-file`. Samples are named by id, by source, or by their row
 * in the set (by class, then by source): what scikit-learn's splitters return over `<name>_all_labels.npy`.
 *
 *     .csv, .tsv    columns sample (or row) and part; with a column fold, of folds
 *     .json         { "train": [...], "val": [...], "test": [...] }; of folds a list of these, or of [train, test] pairs
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { byCodeUnit, OptionsError } from "@fer/core";
import { csvTable, Folder } from "@fer/dataset-extractors/readers";
import { z } from "zod";
import type { ListedParts, SplitEntry, SplitList } from "./policies/split-list.js";

const Entries = z.array(z.union([z.string(), z.number().int().min(0)]));
const Parts = z.strictObject({ name: z.string().optional(), train: Entries, val: Entries.default([]), test: Entries });
const Fold = z.union([Parts, z.tuple([Entries, Entries]).transform(([train, test]) => Parts.parse({ train, test }))]);

/** A list, and the sha256 of its file. */
export interface SplitListFile {
  list: SplitList;
  sha256: string;
}

/** @throws OptionsError `BAD_SPLIT_LIST` */
export async function readSplitList(path: string): Promise<SplitListFile> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === "ENOENT" ? "there is no such file" : `it cannot be read (${cause.code})`;
    throw bad({ path, found, cause });
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const list = /\.[ct]sv$/i.test(path) ? await table(path) : json(path, bytes.toString("utf8"));
  return { list: { file: path, ...list }, sha256 };
}

type Listed = Omit<SplitList, "file">;

function json(path: string, text: string): Listed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = `${extname(path) || "its ending"} is not .csv or .tsv, and it is not JSON`;
    throw bad({ path, found, cause });
  }
  const isFolded = Array.isArray(value);
  const parsed = (isFolded ? z.array(Fold).min(1) : z.tuple([Parts])).safeParse(isFolded ? value : [value]);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const found = `${issue!.path.slice(isFolded ? 0 : 1).join(".") || "the list"}: ${issue!.message}`;
    throw bad({ path, found, cause: parsed.error });
  }
  return { isFolded, listed: parsed.data.map(({ name = null, train, val, test }) => ({ name, train, val, test })) };
}

async function table(path: string): Promise<Listed> {
  const folder = await Folder.open(dirname(path));
  const folds = new Map<string, Record<"train" | "val" | "test", SplitEntry[]>>();
  const columns = { file: basename(path), required: ["part"], optional: ["sample", "row", "fold"] } as const;
  let isFolded = false;
  for await (const { sample, row, part, fold, source } of csvTable<"sample" | "row" | "part" | "fold">(
    folder,
    columns,
  )) {
    if ((sample === "") === (row === ""))
      throw bad({ path, found: `${source} has ${sample === "" ? "no sample and no row" : "a sample and a row"}` });
    if (row !== "" && !/^\d+$/.test(row)) throw bad({ path, found: `${source}: the row "${row}"` });
    isFolded ||= fold !== "";
    if (part !== "train" && part !== "val" && part !== "test")
      throw bad({ path, found: `${source}: the part "${part}"` });
    if (!folds.has(fold)) folds.set(fold, { train: [], val: [], test: [] });
    folds.get(fold)![part].push(row === "" ? sample : Number(row));
  }
  if (folds.size === 0) throw bad({ path, found: "it lists no sample" });
  if (isFolded && folds.has("")) throw bad({ path, found: "some samples have no fold" });
  const names = [...folds.keys()].sort((a, b) => Number(a) - Number(b) || byCodeUnit(a, b));
  const listed = names.map((name): ListedParts => Object.assign({ name: isFolded ? name : null }, folds.get(name)!));
  return { isFolded, listed };
}

const bad = ({ path, found, cause }: { path: string; found: string; cause?: unknown }): OptionsError =>
  new OptionsError({
    code: "BAD_SPLIT_LIST",
    subject: path,
    found,
    expected:
      'a table with the columns sample (or row) and part (and fold), or JSON: {"train": [...], "val": [...], "test": [...]}, or a list of these',
    cause,
  });
