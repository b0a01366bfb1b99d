/**
 * Image folders -> an assembled set: merge, split, look for leaks, then stream every image once through
 * decode, grey and resize into the parts it belongs to. The order of a part is class by class, then by source.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Progress } from "@fer/dataset-extractors";
import { EXPRESSIONS, findLeaks } from "@fer/core";
import { checkClasses, checkTrain, partCounts } from "./check-classes.js";
import { prepareImages } from "./image/prepare-images.js";
import { type MergedFolders, type MergedSample, mergeFolders } from "./merge/merge.js";
import { type AssemblerInput, type AssemblerOptions, INERT_OPTIONS } from "./options.js";
import { parseOptions } from "./parse-options.js";
import { policies } from "./policies/index.js";
import { refuseForeignFiles, removeLeftovers, SetWriter } from "./set-writer.js";
import { type AssembledSet, openSet, type Part, PARTS, type PartInfo, type SetInfo } from "@fer/core/set";
import { differentSet, explainWriteError, readKnown, refuseInside } from "./target.js";
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
