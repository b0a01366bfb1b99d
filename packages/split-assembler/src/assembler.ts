/**
 * Image folders -> an assembled set: merge, split, look for leaks, then stream every image once through
 * decode, grey and resize into the parts it belongs to. The order of a part is class by class, then by source.
 */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { EXPRESSIONS, FerError, OptionsError, parseOptions, type TaskHooks } from "@fer/core";
import type { Threads } from "@fer/dataset-extractors/threads";
import { readDescription } from "@fer/core/image-folder";
import { build, type Existing, Manifest, nearestRealPath } from "@fer/core/artifact";
import { type AssembledSet, infoFile, manifestName, openSet, readSetInfo, type SetInfo } from "@fer/core/set";
import { describeSet, targetsOf } from "./describe-set.js";
import { prepareImages, startPreparing } from "./image/prepare-images.js";
import { type AssemblerInput, AssemblerOptions, checkOptions, untouchedOptions } from "./options.js";
import { writePage } from "./page/write-page.js";
import { dtypeOf, identityOf, planSet, readInputs, type SetPlan } from "./plan-set.js";
import { withProtocol } from "./protocols/follow-protocol.js";
import { SetWriter } from "./set-writer.js";

const REPORT_EVERY = 64;

/**
 * Assembles sets.
 *
 * @example
 * ```ts
 * import { Assembler } from "@fer/split-assembler";
 *
 * const assembler = new Assembler({ name: "ckplus", split: "subject", to: "features" });
 * const set = await assembler.assemble(["data/ckplus"]);
 * console.log(set.info.parts.train?.perClass, set.info.leaks);
 * ```
 */
export class Assembler {
  /** Options with all defaults filled in. */
  readonly options: AssemblerOptions;

  /** @throws OptionsError for an unknown, malformed or contradictory option */
  constructor(options: AssemblerInput) {
    const parsed = parseOptions(options, { schema: AssemblerOptions, subject: "assembler options" });
    this.options = checkOptions(withProtocol(parsed, untouchedOptions(parsed)));
  }

  /**
   * Assembles image folders into one set, or finds it already made from the same data and options.
   *
   * @param folders image folders written by the extractors, in any order
   * @throws DatasetError, FormatError, OptionsError; `signal.reason` when stopped
   */
  async assemble(folders: readonly string[], hooks: TaskHooks = {}): Promise<AssembledSet> {
    const { name, to, near, workers } = this.options;
    await refuseInside(to, folders);
    const isNew = !existsSync(infoFile({ folder: to, name }));
    // where near twins are looked for, other threads read the pictures first
    const threads = isNew && !near ? startPreparing(await countImages(folders), { workers }) : undefined;
    try {
      return await this.#assembled(folders, { threads, ...hooks });
    } finally {
      await threads?.end();
    }
  }

  async #assembled(
    folders: readonly string[],
    { threads, ...hooks }: TaskHooks & { threads: Threads | undefined },
  ): Promise<AssembledSet> {
    const { name, to, overwrite } = this.options;
    const inputs = await readInputs(folders, this.options);
    const identity = identityOf(inputs, this.options);
    const { status } = await build(
      {
        subject: "assemble",
        to,
        name,
        description: `${name}.json`,
        identity,
        read: (folder) => existingSet(folder, name),
        overwrite,
        signal: hooks.signal,
      },
      async ({ tree }) => {
        const plan = await planSet(inputs, { options: this.options, ...hooks });
        const known = await this.#write(tree, { plan, threads, ...hooks });
        const drawing = { options: this.options, split: plan.split, files: known, signal: hooks.signal };
        const page = this.options.page ? await writePage(tree, drawing) : [];
        const files = [infoFile({ folder: "", name }), ...known.keys(), ...page];
        await Manifest.write(tree, { name: manifestName(name), artifact: "set", identity, files, known });
      },
    );
    return openSet(join(to, name), { reused: status === "kept" });
  }

  /**
   * What {@link assemble} would make of the folders: the description of the set, without a file written. Pictures are
   * read where near ones are looked for.
   *
   * @throws as `assemble` does
   */
  async plan(folders: readonly string[], hooks: TaskHooks = {}): Promise<Omit<SetInfo, "fingerprint">> {
    const plan = await planSet(await readInputs(folders, this.options), { options: this.options, ...hooks });
    return describeSet(plan, this.options);
  }

  async #write(
    tree: string,
    { plan, threads, onProgress, signal }: TaskHooks & { plan: SetPlan; threads: Threads | undefined },
  ) {
    const { name, size, channels, fit, decoder, workers, classes, oversample, seed } = this.options;
    const { split } = plan;
    const { samples } = split;
    const writer = await SetWriter.create({
      folder: tree,
      name,
      counts: new Map([...split.parts].map(([part, { count }]) => [part, count])),
      shape: [size, size, channels],
      dtype: dtypeOf(plan.chosen, this.options),
      classes: EXPRESSIONS.slice(0, classes),
      targets: targetsOf(samples),
    });
    const report = (done: number): void =>
      onProgress?.({ stage: "assemble", done, total: samples.length, unit: "images" });
    try {
      let done = 0;
      const settings = { size, channels, fit, decoder };
      for await (const image of prepareImages(samples, { settings, workers, threads, signal })) {
        const { label, id, group, key: source, pixelHash: pixel_hash, votes, valence, arousal } = samples.at(done)!;
        const sample = { label, id, group, source, pixel_hash, votes, valence, arousal };
        await writer.write(sample, { image, parts: split.partsOf[done]! });
        done += 1;
        if (done % REPORT_EVERY === 0 || done === samples.length) report(done);
      }
      signal?.throwIfAborted();
      for (const [index, { rows }] of (split.folds ?? []).entries()) await writer.writeFold(index + 1, rows);
      if (oversample) await writer.writeOversampled(split.folds?.map(({ rows }) => rows) ?? null, seed);
      if (split.dropped !== null) await writer.writeDropped(split.dropped);
      return await writer.commit(describeSet(plan, this.options));
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}

/** Images of the folders; of one that cannot be read none, for it is refused soon. */
async function countImages(folders: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    folders.map((folder) =>
      readDescription(folder).then(
        ({ info }) => info.total,
        () => 0,
      ),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The set of a name in a folder: what it was made of, and whether each of its bytes is as it was written. */
async function existingSet(folder: string, name: string): Promise<Existing | null> {
  try {
    const { manifest } = await readSetInfo(folder, name);
    if (manifest === null)
      return {
        identity: null,
        problem: "it was made by an early version, which did not write down all of its options",
      };
    await manifest.verify();
    return { identity: manifest.identity };
  } catch (error) {
    if (!(error instanceof FerError)) throw error;
    const isGone = error.code === "NO_SET" || error.code === "HALF_WRITTEN";
    // a manifest says that there was one
    if (isGone && !existsSync(join(folder, manifestName(name)))) return null;
    return { identity: null, problem: isGone ? `${name}.json is missing` : error.message };
  }
}

/** Refuses to write into an image folder, where files of a set would be taken for parts of the dataset. */
async function refuseInside(to: string, folders: readonly string[]): Promise<void> {
  const target = await nearestRealPath(resolve(to));
  for (const folder of folders) {
    const path = relative(await nearestRealPath(resolve(folder)), target);
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
