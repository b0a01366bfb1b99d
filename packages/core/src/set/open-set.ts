/**
 * Opens an assembled set and checks it as a whole: that all files are there, that headers, lengths and counts agree
 * with `<name>.json`, and (with `verify`) that no byte has changed.
 */
import { open, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { damaged, Manifest } from "../artifact/manifest.js";
import { FormatError } from "../errors.js";
import { decodeNpyHeader, NPY_DTYPES, NPY_HEADER_READ_BYTES, type NpyDtype } from "../npy/header.js";
import { AssembledSet } from "./assembled-set.js";
import type { PartSource } from "./part-reader.js";
import { FOLD_PARTS, type Part, PARTS, SetInfo } from "./schema.js";
import { manifestHashes, readHashes, setFingerprint } from "./fingerprint.js";
import { foldFile, infoFile, manifestName, oversampledFile, partFiles, setFiles, targetFile } from "./set-files.js";
import { targetColumns } from "./targets.js";

/** Second argument of {@link openSet}. */
export interface OpenSetOptions {
  /** Read every file and compare it with the set's fingerprint. Default: only headers, lengths and counts. */
  verify?: boolean;
  /** What {@link AssembledSet.reused} shall say. */
  reused?: boolean;
  /** Stops the reading of `verify`. */
  signal?: AbortSignal | undefined;
}

const AGAIN = "Assemble the set again";

/**
 * Opens a set.
 *
 * @param path the set's name in its folder, with or without `.json`: `features/mix` or `features/mix.json`
 * @throws FormatError for a missing, half-written, truncated or inconsistent set
 *
 * @example
 * ```ts
 * import { openSet } from "@fer/core/set";
 *
 * const set = await openSet("features/mix");
 * const train = set.part("train");
 * const labels = await train.labels();
 * const batch = await train.read([0, 1, 2]); // 3 images of train.shape, raw 0..255
 * console.log(train.count, train.classes[labels[0]!], batch.length); // 48 neutral 6912
 * set.close();
 * ```
 */
export async function openSet(path: string, options: OpenSetOptions = {}): Promise<AssembledSet> {
  const folder = dirname(path);
  const name = basename(path).replace(/\.json$/, "");
  const { info, manifest } = await readSetInfo(folder, name);
  const sources: PartSource[] = [];
  for (const part of PARTS) {
    if (info.parts[part] !== undefined) sources.push(await checkPart({ folder, info }, part));
  }
  if (sources.length === 0) {
    throw new FormatError({
      code: "NO_PARTS",
      subject: infoFile({ folder, name }),
      found: "the set has no parts",
      fix: AGAIN,
    });
  }
  await checkFolds(folder, info);
  if (info.oversampled !== undefined)
    await checkArray(oversampledFile({ folder, name }, null), { dtype: "int64", shape: [info.oversampled] });
  await manifest?.verify(manifest.files, { read: false });
  if (options.verify === true) await verifySet({ folder, info, manifest, signal: options.signal });
  return new AssembledSet({ folder, info, sources, reused: options.reused });
}

/** What a set says of itself, with its manifest (`null` for a set of an early version); the arrays are not looked at. */
export async function readSetInfo(folder: string, name: string): Promise<{ info: SetInfo; manifest: Manifest | null }> {
  const file = infoFile({ folder, name });
  const bytes = await readFile(file).catch(async (cause: unknown) => {
    throw await missingInfo({ folder, name }, cause);
  });
  const manifest = await Manifest.read(folder, manifestName(name));
  manifest?.check(basename(file), bytes);
  const info = parseInfo(bytes.toString("utf8"), { file, name });
  if (info.manifest === true && manifest === null)
    throw damaged({ path: join(folder, manifestName(name)), found: "it is missing" });
  return { info, manifest };
}

/**
 * Compares every file of a set with what was written. @throws FormatError `DAMAGED`, or `CHANGED` for a set of an early
 * version, which has one hash for all its files
 */
async function verifySet({ folder, info, manifest, signal }: SetContents): Promise<void> {
  await manifest?.verify(manifest.files, { signal });
  const hashOf = manifest === null ? readHashes(folder) : manifestHashes(manifest);
  const found = await setFingerprint(setFiles(info), hashOf);
  if (found === info.fingerprint || (manifest !== null && manifest.accepted.length > 0)) return;
  throw new FormatError({
    code: "CHANGED",
    subject: infoFile({ folder, name: info.name }),
    found: `the files have the fingerprint ${found.slice(0, 12)}`,
    expected: info.fingerprint.slice(0, 12),
    fix: AGAIN,
  });
}

interface SetContents {
  folder: string;
  info: SetInfo;
  manifest: Manifest | null;
  signal: AbortSignal | undefined;
}

function parseInfo(text: string, { file, name }: { file: string; name: string }): SetInfo {
  const bad = (found: string, cause?: unknown): FormatError =>
    new FormatError({
      code: "BAD_SET",
      subject: file,
      found,
      expected: "the json of a set of @fer/split-assembler",
      fix: AGAIN,
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad("the file is not JSON", cause);
  }
  const parsed = SetInfo.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw bad(`"${issue.path.join(".")}" is wrong (${issue.message})`, parsed.error);
  }
  if (parsed.data.name !== name) throw bad(`the set calls itself "${parsed.data.name}"`);
  return parsed.data;
}

async function missingInfo({ folder, name }: { folder: string; name: string }, cause: unknown): Promise<FormatError> {
  const entries = await readdir(folder).catch(() => null);
  const subject = infoFile({ folder, name });
  if (entries === null) {
    return new FormatError({
      code: "NO_SET",
      subject,
      found: `there is no folder "${folder}"`,
      fix: "Pass <folder>/<name of the set>",
      cause,
    });
  }
  if (entries.some((entry) => entry.startsWith(`${name}_`) && entry.endsWith(".npy"))) {
    return new FormatError({
      code: "HALF_WRITTEN",
      subject,
      found: `there are arrays of "${name}", but no ${name}.json`,
      expected: `${name}.json, which is written last`,
      fix: "The assembler was interrupted: run it again",
      cause,
    });
  }
  const below = await readdir(join(folder, name)).catch(() => [] as string[]);
  if (below.includes("dataset.json")) {
    return new FormatError({
      code: "NO_SET",
      subject: join(folder, name),
      found: "it is an image folder",
      expected: "a set, as <folder>/<name>",
      fix: "Assemble it first",
      cause,
    });
  }
  const sets = [...setsIn(folder, entries), ...setsIn(join(folder, name), below)];
  return new FormatError({
    code: "NO_SET",
    subject,
    found: `no set "${name}" in "${folder}"`,
    ...(sets.length > 0 ? { expected: `one of ${sets.join(", ")}` } : {}),
    fix: "Pass <folder>/<name of the set>, as given to the assembler",
    cause,
  });
}

/** Sets among the entries of a folder, each with the arrays that belong to it. */
const setsIn = (folder: string, entries: readonly string[]): string[] =>
  entries
    .filter((entry) => entry.endsWith(".json") && entries.some((each) => each.startsWith(`${entry.slice(0, -5)}_`)))
    .map((entry) => join(folder, entry.slice(0, -5)))
    .sort();

async function checkPart({ folder, info }: Pick<SetContents, "folder" | "info">, part: Part): Promise<PartSource> {
  const place = { folder, name: info.name };
  const partInfo = info.parts[part]!;
  const { count } = partInfo;
  const files = partFiles(place, part);
  const { size, channels, dtype } = info.image;
  const dataOffset = await checkArray(files.images, { dtype, shape: [count, size, size, channels] });
  await checkArray(files.labels, { dtype: "float32", shape: [count, info.classes.length] });
  const targets = info.targets ?? [];
  for (const target of targets)
    await checkArray(targetFile(place, { part, target }), {
      dtype: "float32",
      shape: [count, targetColumns(target, info)],
    });
  const sum = Object.values(partInfo.perClass).reduce((a, b) => a + b, 0);
  if (sum !== count) {
    throw new FormatError({
      code: "COUNT_MISMATCH",
      subject: infoFile(place),
      found: `part ${part} counts ${sum} samples over its classes`,
      expected: `${count}`,
      fix: AGAIN,
    });
  }
  await open(files.rows, "r").then(
    (file) => file.close(),
    (cause: unknown) => {
      throw missingFile(files.rows, cause);
    },
  );
  const paths = Object.fromEntries(targets.map((target) => [target, targetFile(place, { part, target })]));
  return {
    part,
    info: partInfo,
    classes: info.classes,
    shape: [size, size, channels],
    dtype,
    dataOffset,
    files,
    targets: paths,
  };
}

/** Rows of folds are there in their number; what they are is looked at when they are read. */
async function checkFolds(folder: string, info: SetInfo): Promise<void> {
  if (info.folds === undefined) return;
  const place = { folder, name: info.name };
  if (info.parts.all === undefined) {
    throw new FormatError({
      code: "NO_PARTS",
      subject: infoFile(place),
      found: "the set has folds and no part all",
      expected: "the samples that the folds are made of",
      fix: AGAIN,
    });
  }
  for (const [index, fold] of info.folds.entries()) {
    for (const part of FOLD_PARTS) {
      const partInfo = fold[part];
      if (partInfo === null) continue;
      const rows = foldFile(place, { fold: index + 1, part });
      await checkArray(rows, { dtype: "int64", shape: [partInfo.count] });
    }
    if (fold.oversampled !== undefined)
      await checkArray(oversampledFile(place, index + 1), { dtype: "int64", shape: [fold.oversampled] });
  }
}

/** Checks type, shape and length of an array; returns where its data start. */
async function checkArray(path: string, { dtype, shape }: { dtype: NpyDtype; shape: number[] }): Promise<number> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw missingFile(path, cause);
  });
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(NPY_HEADER_READ_BYTES);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const header = decodeNpyHeader(start.subarray(0, bytesRead), path);
    const wanted = `${dtype} [${shape.join(", ")}] in C order`;
    if (header.dtype !== dtype || header.fortranOrder || header.shape.join() !== shape.join()) {
      const found = `${header.dtype ?? header.descr} [${header.shape.join(", ")}] in ${header.fortranOrder ? "Fortran" : "C"} order`;
      throw new FormatError({
        code: "WRONG_ARRAY",
        subject: path,
        found: `the array is ${found}`,
        expected: `${wanted}, as the set's json says`,
        fix: AGAIN,
      });
    }
    const bytes = header.dataOffset + shape.reduce((a, b) => a * b, 1) * NPY_DTYPES[dtype].bytes;
    if (size !== bytes) {
      throw new FormatError({
        code: size < bytes ? "TRUNCATED" : "WRONG_LENGTH",
        subject: path,
        found: `the file has ${size} bytes`,
        expected: `${bytes}, for ${wanted}`,
        fix: AGAIN,
      });
    }
    return header.dataOffset;
  } finally {
    await file.close();
  }
}

function missingFile(path: string, cause: unknown): FormatError {
  return new FormatError({
    code: "MISSING_FILE",
    subject: path,
    found: "the file is missing or cannot be read",
    expected: "all files that the set's json names",
    fix: AGAIN,
    cause,
  });
}
