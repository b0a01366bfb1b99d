/**
 * Image folders -> an assembled set: merge, split, look for leaks, then stream every image once through
 * decode, grey and resize into the parts it belongs to. The order of a part is class by class, then by source.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { DatasetError, EXPRESSIONS, FerError, OptionsError, parseOptions, type TaskHooks } from "@fer/core";
import { build, type Existing, type FileEntry, type Identity, Manifest, nearestRealPath } from "@fer/core/artifact";
import {
  type AssembledSet,
  infoFile,
  manifestName,
  openSet,
  readSetInfo,
  type SetInfo,
  type Target,
  TARGETS,
} from "@fer/core/set";
import { countAgainst, type OtherSet, readOther } from "./against.js";
import { checkClasses } from "./check-classes.js";
import { prepareImages } from "./image/prepare-images.js";
import { type Exclusion, readExclusion, withoutExcluded } from "./merge/exclude.js";
import { limited } from "./merge/limit.js";
import { type MergedFolders, mergeFolders } from "./merge/merge.js";
import {
  type AssemblerInput,
  AssemblerOptions,
  checkOptions,
  INERT_OPTIONS,
  untouchedOptions,
  usedBy,
} from "./options.js";
import { croissant } from "./page/croissant.js";
import { setPage } from "./page/set-page.js";
import { picturesOf, twinsOf } from "./page/twin-pairs.js";
import { choosePolicy, type ChosenPolicy } from "./policies/choose.js";
import { checkData, protocolInfo, withProtocol } from "./protocols/follow-protocol.js";
import { readSplitList, type SplitListFile } from "./read-split-list.js";
import { sharedPictures } from "./shared-pictures.js";
import { SetWriter } from "./set-writer.js";
import { type Split, splitSamples } from "./split.js";
import { VERSION } from "./version.js";

/** All that is known of a set before its first image is decoded. */
interface SetPlan {
  merged: MergedFolders;
  chosen: ChosenPolicy;
  split: Split;
  /** sha256 of the file that lists the split. */
  listed: string | null;
  exclusion: Exclusion | null;
  /** What other sets train on of it. */
  against: SetInfo["against"] & object;
  /** Samples before any was left out. */
  count: number;
}

/** What is read beside the image folders. */
interface Beside {
  list: SplitListFile | null;
  exclusion: Exclusion | null;
  others: readonly OtherSet[];
}

/** Part of the identity: raised when the same inputs give other bytes. */
const FORMAT = 1;
const REPORT_EVERY = 64;
/** Pairs of twins on the page of a set. */
const SHOWN_PAIRS = 60;

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
    const parsed = parseOptions(AssemblerOptions, options, { subject: "assembler options" });
    this.options = checkOptions(withProtocol(parsed, untouchedOptions(parsed)));
  }

  /**
   * Assembles image folders into one set, or finds it already made from the same data and options.
   *
   * @param folders image folders written by the extractors, in any order
   * @throws DatasetError, FormatError, OptionsError; `signal.reason` when stopped
   */
  async assemble(folders: readonly string[], hooks: TaskHooks = {}): Promise<AssembledSet> {
    const { name, to, overwrite } = this.options;
    await refuseInside(to, folders);
    const plan = await this.#read(folders);
    const identity = this.#identity(plan);
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
        const known = await this.#write(tree, plan, hooks);
        const files = [infoFile("", name), ...known.keys()];
        await Manifest.write(tree, { name: manifestName(name), artifact: "set", identity, files, known });
        if (this.options.page) await this.#writePage(tree, { plan, known }, hooks);
      },
    );
    return openSet(join(to, name), { reused: status === "kept" });
  }

  /**
   * What {@link assemble} would make of the folders: the description of the set, without a picture read or a file
   * written.
   *
   * @throws as `assemble` does
   */
  async plan(folders: readonly string[]): Promise<Omit<SetInfo, "fingerprint">> {
    const plan = await this.#read(folders);
    return this.#describe(plan, this.#identity(plan));
  }

  async #read(folders: readonly string[]): Promise<SetPlan> {
    const { splitFile, exclude, against } = this.options;
    const list = splitFile === null ? null : await readSplitList(splitFile);
    const exclusion = exclude === null ? null : await readExclusion(exclude);
    const merged = await mergeFolders(folders, this.options);
    const others: OtherSet[] = [];
    for (const path of against) others.push(await readOther(path));
    return this.#plan(merged, { list, exclusion, others });
  }

  #plan(all: MergedFolders, { list, exclusion, others }: Beside): SetPlan {
    const wanted = exclusion === null ? all.samples : withoutExcluded(all.samples, exclusion);
    const merged = { ...all, samples: limited(wanted, { limits: this.options.limit, seed: this.options.seed }) };
    const { split, classes, allowMissing, protocol } = this.options;
    if (protocol !== null) checkData(merged, protocol);
    checkClasses(merged.samples, classes, allowMissing);
    const { groupKind } = merged;
    const chosen = split === "auto" ? choosePolicy(merged.samples, groupKind) : { policy: split, reason: "asked for" };
    // an option that the chosen policy does not use would be dropped without a word
    if (split === "auto") checkOptions({ ...this.options, split: chosen.policy }, chosen.reason);
    const task = { ...this.options, list: list?.list ?? null, groupKind, policy: chosen.policy };
    const made = splitSamples(merged.samples, task);
    const against = others.map((other) => countAgainst(made, other));
    if (task.leaks === "fail") refuseShared(against);
    const count = all.samples.length;
    return { merged, chosen, listed: list?.sha256 ?? null, exclusion, against, count, split: made };
  }

  #dtype({ policy }: ChosenPolicy): "uint8" | "float32" {
    const { dtype } = this.options;
    if (dtype !== "auto") return dtype;
    return policy === "original" ? "float32" : "uint8";
  }

  #identity({ merged, chosen, listed, exclusion, against }: SetPlan): Identity {
    const isDecisive = ([key]: [string, unknown]): boolean => !(INERT_OPTIONS as readonly string[]).includes(key);
    const options = Object.fromEntries(Object.entries(this.options).filter(isDecisive));
    return {
      options: {
        ...options,
        split: chosen.policy,
        dtype: this.#dtype(chosen),
        splitFile: listed,
        exclude: exclusion?.sha256 ?? null,
        against: against.map(({ fingerprint }) => fingerprint),
      },
      sources: merged.sources,
      format: FORMAT,
    };
  }

  #describe(
    { merged, chosen, split: made, exclusion, count, against }: SetPlan,
    identity: Identity,
  ): Omit<SetInfo, "fingerprint"> {
    const { name, classes, split, seed, valShare, testShare, size, channels, fit, wholeImage } = this.options;
    const { parts, folds, leaks, leftOut, dropped, capped, samples } = made;
    const { protocol, map, limit, cap } = this.options;
    const beyond = count - merged.samples.length - (exclusion?.names.size ?? 0);
    const targets = targetsOf(samples);
    const shared = sharedPictures(samples);
    const uses = usedBy(chosen.policy, this.options);
    return {
      schema: 1,
      name,
      classes: EXPRESSIONS.slice(0, classes),
      parts: Object.fromEntries(parts),
      ...(folds === null ? {} : { folds: folds.map(({ info }) => info) }),
      policy: chosen.policy,
      ...(split === "auto" ? { policyReason: chosen.reason } : {}),
      ...(protocol === null ? {} : { protocol: protocolInfo(protocol, made) }),
      seed: uses.includes("seed") ? seed : null,
      shares: uses.includes("testShare") ? { val: valShare, test: testShare } : null,
      image: { size, channels, dtype: this.#dtype(chosen), fit, wholeImage },
      ...(targets.length === 0 ? {} : { targets }),
      groupKind: merged.groupKind,
      imageKind: merged.imageKind,
      dropped: merged.dropped,
      ...(Object.keys(leftOut).length === 0 ? {} : { leftOut }),
      ...(Object.keys(map).length === 0 ? {} : { map }),
      ...(Object.keys(limit).length === 0 ? {} : { limit: { of: limit, leftOut: beyond } }),
      ...(exclusion === null ? {} : { excluded: exclusion.names.size }),
      ...(cap === null ? {} : { cap: { most: cap, leftOut: capped } }),
      sources: merged.sources,
      leaks,
      ...(shared.length === 0 ? {} : { sharedPictures: shared }),
      ...(against.length === 0 ? {} : { against: [...against] }),
      ...(dropped === null ? {} : { thinned: countKinds(dropped) }),
      inputs: createHash("sha256").update(JSON.stringify(identity)).digest("hex"),
      manifest: true,
      version: VERSION,
    };
  }

  /** The page and the Croissant description stand apart: they be drawn again or thrown away, and are not among the files that are compared. */
  async #writePage(
    tree: string,
    { plan: { split }, known }: { plan: SetPlan; known: ReadonlyMap<string, FileEntry> },
    { signal }: TaskHooks,
  ): Promise<void> {
    const { name, size, channels, fit, decoder } = this.options;
    const { info } = await readSetInfo(tree, name);
    const { leaks, thinned } = info;
    const hasTwins = thinned !== undefined || leaks.exact + (leaks.near ?? 0) > 0;
    const twins = hasTwins ? twinsOf(split) : [];
    const settings = { size, channels, fit, decoder };
    const pairs = await picturesOf(twins.slice(0, SHOWN_PAIRS), { settings, signal });
    await writeFile(join(tree, `${name}.croissant.json`), croissant(info, known));
    await writeFile(join(tree, `${name}.html`), setPage({ info, pairs, twins: twins.length }));
  }

  async #write(tree: string, plan: SetPlan, { onProgress, signal }: TaskHooks) {
    const { name, size, channels, fit, decoder, workers, classes } = this.options;
    const { split } = plan;
    const { samples } = split;
    const writer = await SetWriter.create({
      folder: tree,
      name,
      counts: new Map([...split.parts].map(([part, { count }]) => [part, count])),
      shape: [size, size, channels],
      dtype: this.#dtype(plan.chosen),
      classes: EXPRESSIONS.slice(0, classes),
      targets: targetsOf(samples),
    });
    const report = (done: number): void =>
      onProgress?.({ stage: "assemble", done, total: samples.length, unit: "images" });
    try {
      let done = 0;
      const settings = { size, channels, fit, decoder };
      for await (const image of prepareImages(samples, { settings, workers, signal })) {
        const { label, id, group, key: source, pixelHash: pixel_hash, votes, valence, arousal } = samples[done]!;
        const sample = { label, id, group, source, pixel_hash, votes, valence, arousal };
        await writer.write(split.partsOf[done]!, image, sample);
        done += 1;
        if (done % REPORT_EVERY === 0 || done === samples.length) report(done);
      }
      signal?.throwIfAborted();
      for (const [index, { rows }] of (split.folds ?? []).entries()) await writer.writeFold(index + 1, rows);
      if (split.dropped !== null) await writer.writeDropped(split.dropped);
      return await writer.commit(this.#describe(plan, this.#identity(plan)));
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}

/** What is known of some of the samples beside their class. */
function targetsOf(samples: Split["samples"]): Target[] {
  return TARGETS.filter((target) =>
    samples.some(({ votes, valence, arousal }) => (target === "votes" ? votes : (valence ?? arousal)) !== null),
  );
}

function refuseShared(against: SetInfo["against"] & object): void {
  const found = against.filter(({ exact, groups }) => exact + groups > 0);
  if (found.length === 0) return;
  throw new DatasetError({
    code: "LEAKS",
    subject: "assemble",
    found: `val and test hold what other sets train on: ${found.map(({ set, exact, groups }) => `of ${set} ${exact} images and ${groups} groups`).join(", ")}`,
    expected: "nothing of them, since leaks are to fail",
    fix: "Test on other data, or only report what is shared (--leaks report)",
  });
}

const countKinds = (dropped: Split["dropped"] & object): NonNullable<SetInfo["thinned"]> => ({
  exact: dropped.filter(({ kind }) => kind === "exact").length,
  near: dropped.filter(({ kind }) => kind === "near").length,
});

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
    return { identity: null, problem: isGone ? `${infoFile("", name)} is missing` : error.message };
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
