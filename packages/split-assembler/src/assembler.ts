/**
 * Image folders -> an assembled set: merge, split, look for leaks, then stream every image once through
 * decode, grey and resize into the parts it belongs to. The order of a part is class by class, then by source.
 */
import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Progress } from "@fer/dataset-extractors";
import { DatasetError, FerError, FormatError, OptionsError } from "@fer/dataset-extractors/errors";
import { EXPRESSIONS } from "@fer/dataset-extractors/expressions";
import { prepareImages } from "./image/prepare-images.js";
import { findLeaks } from "./leaks.js";
import { checkClasses, type MergedFolders, type MergedSample, mergeFolders } from "./merge/merge.js";
import { type AssemblerInput, AssemblerOptions, INERT_OPTIONS } from "./options.js";
import { policies } from "./policies/index.js";
import { refuseForeignFiles, removeLeftovers, SetWriter } from "./set-writer.js";
import type { AssembledSet } from "./set/assembled-set.js";
import { openSet } from "./set/open-set.js";
import { type Part, PARTS, type PartInfo, SetInfo } from "./set/schema.js";
import { infoFile } from "./set/set-files.js";
import { VERSION } from "./version.js";

/** Second argument of {@link Assembler.assemble}: what is no option but a value. */
export interface AssembleControls {
  /** Told of every 64 images or so. */
  onProgress?: (progress: Progress) => void;
  /** Stops the run; nothing half-written is left. */
  signal?: AbortSignal;
}

type AssignedSample = MergedSample & { parts: readonly Part[] };

/** Part of the inputs' fingerprint: raised when the same inputs give other bytes. */
const FORMAT = 1;
const REPORT_EVERY = 64;

/**
 * Assembles sets.
 *
 * @example
 * ```ts
 * import { Assembler } from "@fer/split-assembler";
 *
 * const assembler = new Assembler({ name: "mix", split: "subject", to: "features" });
 * const set = await assembler.assemble(["data/ckplus"]);
 * console.log(set.info.parts.train?.perClass, set.info.leaks);
 * ```
 */
export class Assembler {
  /** Options with all defaults filled in. */
  readonly options: AssemblerOptions;

  /** @throws OptionsError for an unknown, malformed or contradictory option */
  constructor(options: AssemblerInput) {
    this.options = parseOptions(options);
  }

  /**
   * Assembles image folders into one set, or finds it already made from the same data and options.
   *
   * @param folders image folders written by the extractors, in any order
   * @throws DatasetError, FormatError, OptionsError; `signal.reason` when stopped
   */
  async assemble(folders: readonly string[], controls: AssembleControls = {}): Promise<AssembledSet> {
    const { name, to, overwrite } = this.options;
    await refuseInside(to, folders);
    const merged = await mergeFolders(folders, this.options);
    const { classes, allowMissing } = this.options;
    checkClasses(merged.samples, classes, allowMissing);
    const samples = this.#assign(merged);
    const counts = partCounts(samples, this.#wantedParts(samples), classes);
    if (!allowMissing) checkTrain(samples, counts);

    const inputs = this.#inputs(merged);
    await removeLeftovers(to, name);
    const known = await readKnown(to, name);
    if (known !== null && known.inputs === inputs) {
      const set = await openSet(join(to, name), { verify: true, reused: true }).catch(() => null);
      if (set !== null) return set;
    } else if (known !== null && !overwrite) throw differentSet(to, name);
    if (known === null && !overwrite) await refuseForeignFiles(to, name);
    await this.#write(samples, counts, this.#describe(merged, samples, counts, inputs), controls).catch(
      explainWriteError(to),
    );
    return openSet(join(to, name));
  }

  #assign(merged: MergedFolders): AssignedSample[] {
    const { split, seed, valShare, testShare } = this.options;
    const assigned = policies[split].assign(merged.samples, { seed, valShare, testShare, groupKind: merged.groupKind });
    return merged.samples.map((sample, i) => ({ ...sample, parts: assigned[i]! }));
  }

  /** Parts that must not be empty. */
  #wantedParts(samples: readonly AssignedSample[]): Part[] {
    const { split, valShare, testShare } = this.options;
    const wanted = new Set(samples.flatMap((sample) => sample.parts)).add("train");
    if (policies[split].usesSettings && valShare > 0) wanted.add("val");
    if (policies[split].usesSettings && testShare > 0) wanted.add("test");
    return PARTS.filter((part) => wanted.has(part));
  }

  #dtype(): "uint8" | "float32" {
    const { dtype, split } = this.options;
    if (dtype !== "auto") return dtype;
    return split === "original" ? "float32" : "uint8";
  }

  #inputs(merged: MergedFolders): string {
    const options = Object.fromEntries(
      Object.entries({ ...this.options, dtype: this.#dtype() }).filter(
        ([key]) => !(INERT_OPTIONS as readonly string[]).includes(key),
      ),
    );
    const sorted = Object.keys(options)
      .sort()
      .map((key) => [key, options[key]]);
    return createHash("sha256")
      .update(JSON.stringify([FORMAT, sorted, merged.sources]))
      .digest("hex");
  }

  #describe(
    merged: MergedFolders,
    samples: readonly AssignedSample[],
    counts: ReadonlyMap<Part, PartInfo>,
    inputs: string,
  ): Omit<SetInfo, "fingerprint"> {
    const { name, classes, split, seed, valShare, testShare, size, channels, fit, wholeImage } = this.options;
    const seeded = policies[split].usesSettings;
    return {
      schema: 1,
      name,
      classes: EXPRESSIONS.slice(0, classes),
      parts: Object.fromEntries(counts),
      policy: split,
      seed: seeded ? seed : null,
      shares: seeded ? { val: valShare, test: testShare } : null,
      image: { size, channels, dtype: this.#dtype(), fit, wholeImage },
      groupKind: merged.groupKind,
      imageKind: merged.imageKind,
      dropped: merged.dropped,
      sources: merged.sources,
      leaks: findLeaks(samples),
      inputs,
      version: VERSION,
    };
  }

  async #write(
    samples: readonly AssignedSample[],
    counts: ReadonlyMap<Part, PartInfo>,
    info: Omit<SetInfo, "fingerprint">,
    { onProgress, signal }: AssembleControls,
  ): Promise<void> {
    const { to, name, size, channels, fit, decoder, workers, classes } = this.options;
    const writer = await SetWriter.create({
      folder: to,
      name,
      counts: new Map([...counts].map(([part, { count }]) => [part, count])),
      shape: [size, size, channels],
      dtype: info.image.dtype,
      classes,
    });
    const report = (done: number): void =>
      onProgress?.({ stage: "assemble", done, total: samples.length, unit: "images" });
    try {
      let done = 0;
      const files = samples.map((sample) => sample.file);
      for await (const image of prepareImages(files, { size, channels, fit, decoder }, { workers, signal })) {
        const { parts, label, id, group, key, pixelHash } = samples[done]!;
        await writer.write(parts, image, label, { id, group, source: key, pixel_hash: pixelHash });
        done += 1;
        if (done % REPORT_EVERY === 0 || done === samples.length) report(done);
      }
      signal?.throwIfAborted();
      await writer.commit(info);
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}

function parseOptions(input: AssemblerInput): AssemblerOptions {
  const parsed = AssemblerOptions.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const at = issue.path.join(".");
    throw new OptionsError({
      code: "BAD_OPTION",
      subject: "assembler options",
      found: at === "" ? issue.message : `"${at}" is wrong: ${issue.message}`,
      expected: `the options ${Object.keys(AssemblerOptions.shape).join(", ")}`,
      cause: parsed.error,
    });
  }
  const options = parsed.data;
  if (options.valShare + options.testShare >= 1) {
    throw new OptionsError({
      code: "BAD_SHARES",
      subject: "assembler options",
      found: `valShare ${options.valShare} and testShare ${options.testShare} leave nothing for train`,
      expected: "a sum below 1",
    });
  }
  const untouched = AssemblerOptions.parse({ name: options.name });
  const ignored = (["seed", "valShare", "testShare"] as const).filter((key) => options[key] !== untouched[key]);
  if (!policies[options.split].usesSettings && ignored.length > 0) {
    throw new OptionsError({
      code: "UNUSED_OPTION",
      subject: "assembler options",
      found: `the policy ${options.split} does not use ${ignored.join(", ")}`,
      expected: "a policy with a seed (subject, group, ratio), or no such option",
    });
  }
  return options;
}

/** Counts of each wanted part. @throws DatasetError where one is empty */
function partCounts(samples: readonly AssignedSample[], wanted: readonly Part[], classes: number): Map<Part, PartInfo> {
  const counts = new Map<Part, PartInfo>();
  for (const part of wanted) {
    const members = samples.filter((sample) => sample.parts.includes(part));
    if (members.length === 0) {
      throw new DatasetError({
        code: "EMPTY_PART",
        subject: "assemble",
        found: `no image falls into the part ${part}`,
        expected: `some of the ${samples.length} images`,
        fix: part === "train" ? "Add data, or use another policy" : "Add data, raise its share, or set the share to 0",
      });
    }
    const perClass = Object.fromEntries(EXPRESSIONS.slice(0, classes).map((expression) => [expression, 0]));
    for (const { label } of members) perClass[EXPRESSIONS[label]!]! += 1;
    const groups = new Set(members.map((sample) => sample.group).filter((group) => group !== null));
    counts.set(part, { count: members.length, perClass, groups: groups.size });
  }
  return counts;
}

/** Refuses a split whose train part lacks a class that the data have. */
function checkTrain(samples: readonly AssignedSample[], counts: ReadonlyMap<Part, PartInfo>): void {
  const { perClass } = counts.get("train")!;
  const missing = [...new Set(samples.map((sample) => EXPRESSIONS[sample.label]!))].filter(
    (name) => perClass[name] === 0,
  );
  if (missing.length === 0) return;
  throw new DatasetError({
    code: "CLASS_NOT_IN_TRAIN",
    subject: "assemble",
    found: `the part train has no image of ${missing.join(", ")}`,
    expected: "all classes of the data in train",
    fix: "Add data, use another seed or policy, or set allowMissing (--allow-missing)",
  });
}

/** Refuses to write into an image folder, where files of a set would be taken for parts of the dataset. */
async function refuseInside(to: string, folders: readonly string[]): Promise<void> {
  const target = await nearestReal(resolve(to));
  for (const folder of folders) {
    const path = relative(await nearestReal(resolve(folder)), target);
    if (path.startsWith("..") || isAbsolute(path)) continue;
    throw new OptionsError({
      code: "TO_INSIDE_FROM",
      subject: "assemble",
      found: `"${to}" is inside of the image folder "${folder}"`,
      expected: "a folder of its own for the set",
      fix: "Choose another one, for example features",
    });
  }
}

/** The path with symbolic links resolved as far as it exists. */
async function nearestReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await nearestReal(parent), relative(parent, path));
  }
}

/** The json of a set of this name, `null` where there is none or it is not whole. */
async function readKnown(folder: string, name: string): Promise<{ inputs?: string | undefined } | null> {
  const text = await readFile(infoFile(folder, name), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return SetInfo.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function differentSet(folder: string, name: string): FormatError {
  return new FormatError({
    code: "SET_EXISTS",
    subject: infoFile(folder, name),
    found: "a set of this name was made from other data or with other options",
    expected: "no set of this name, or the same one",
    fix: "Choose another name, or set overwrite (--overwrite) to replace it",
  });
}

const WRITE_PROBLEMS: Record<string, string> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "writing is not permitted",
  EPERM: "writing is not permitted",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
};

function explainWriteError(to: string): (error: unknown) => never {
  return (error) => {
    const problem =
      error instanceof FerError ? undefined : WRITE_PROBLEMS[(error as NodeJS.ErrnoException)?.code ?? ""];
    if (problem === undefined) throw error;
    throw new FormatError({
      code: "CANNOT_WRITE",
      subject: to,
      found: problem,
      expected: "a folder that the set can be written to",
      fix: "Free space or choose another folder; nothing half-written was left",
      cause: error,
    });
  };
}
