/**
 * From image folders and options to all that is known of a set before its first picture is written: which samples, in
 * which parts, and what decides its bytes.
 */
import { DatasetError, type TaskHooks } from "@fer/core";
import type { Identity } from "@fer/core/artifact";
import type { SetInfo } from "@fer/core/set";
import { countAgainst, type OtherSet, readOther } from "./against.js";
import { checkClasses } from "./check-classes.js";
import { type Exclusion, readExclusion, withoutExcluded } from "./merge/exclude.js";
import { limited } from "./merge/limit.js";
import { type MergedFolders, mergeFolders } from "./merge/merge.js";
import { type AssemblerOptions, checkOptions, INERT_OPTIONS } from "./options.js";
import { choosePolicy, type ChosenPolicy } from "./policies/choose.js";
import { checkData, checkSplit } from "./protocols/follow-protocol.js";
import { readSplitList, type SplitListFile } from "./read-split-list.js";
import { type Split, splitSamples } from "./split.js";

/** What a set is made of. */
export interface SetInputs {
  merged: MergedFolders;
  chosen: ChosenPolicy;
  list: SplitListFile | null;
  exclusion: Exclusion | null;
  others: readonly OtherSet[];
  /** Samples before any was left out. */
  count: number;
}

/** All that is known of a set before its first image is written. */
export interface SetPlan extends SetInputs {
  split: Split;
  /** What other sets train on of it. */
  against: SetInfo["against"] & object;
}

/** Part of the identity: raised when the same inputs give other bytes. */
const FORMAT = 3;

/** Reads what a set is made of, but for its pictures. @throws DatasetError, FormatError, OptionsError */
export async function readInputs(folders: readonly string[], options: AssemblerOptions): Promise<SetInputs> {
  const { splitFile, exclude, split, classes, allowMissing, protocol } = options;
  const list = splitFile === null ? null : await readSplitList(splitFile);
  const exclusion = exclude === null ? null : await readExclusion(exclude);
  const all = await mergeFolders(folders, options);
  const others: OtherSet[] = [];
  for (const path of options.against) others.push(await readOther(path));
  const wanted = exclusion === null ? all.samples : withoutExcluded(all.samples, exclusion);
  const merged = { ...all, samples: limited(wanted, { limits: options.limit, seed: options.seed }) };
  if (protocol !== null) checkData(merged, protocol);
  checkClasses(merged.samples, { classes, allowMissing });
  const chosen =
    split === "auto" ? choosePolicy(merged.samples, merged.groupKind) : { policy: split, reason: "asked for" };
  // an option that the chosen policy does not use would be dropped without a word
  if (split === "auto") checkOptions({ ...options, split: chosen.policy }, chosen.reason);
  return { merged, chosen, list, exclusion, others, count: all.samples.length };
}

/** Splits. @throws DatasetError, OptionsError where the policy cannot; `signal.reason` when stopped */
export async function planSet(
  inputs: SetInputs,
  { options, ...hooks }: { options: AssemblerOptions } & TaskHooks,
): Promise<SetPlan> {
  const { merged, chosen, list, others } = inputs;
  const { workers, decoder } = options;
  const task = { ...options, list: list?.list ?? null, groupKind: merged.groupKind, policy: chosen.policy };
  const split = await splitSamples(merged.samples, { task, search: { workers, decoder, ...hooks } });
  if (options.protocol !== null) checkSplit(split, options.protocol);
  const against = others.map((other) => countAgainst(split, other));
  if (task.leaks === "fail") refuseShared(against);
  return { ...inputs, split, against };
}

function refuseShared(against: SetInfo["against"] & object): void {
  const found = against.filter(({ exact, near, groups }) => exact + (near ?? 0) + groups > 0);
  if (found.length === 0) return;
  throw new DatasetError({
    code: "LEAKS",
    subject: "assemble",
    found: `val and test hold what other sets train on: ${found.map(({ set, exact, near, groups }) => `of ${set} ${exact} images${(near ?? 0) > 0 ? `, ${near} nearly so,` : ""} and ${groups} groups`).join(", ")}`,
    expected: "nothing of them, since leaks are to fail",
    fix: "Test on other data, or only report what is shared (--leaks report)",
  });
}

/** Number type of the images. */
export function dtypeOf({ policy }: ChosenPolicy, { dtype }: AssemblerOptions): "uint8" | "float32" {
  if (dtype !== "auto") return dtype;
  return policy === "original" ? "float32" : "uint8";
}

/** Whatever decides the bytes of a set. */
export function identityOf({ merged, chosen, list, exclusion, others }: SetInputs, all: AssemblerOptions): Identity {
  const isDecisive = ([key]: [string, unknown]): boolean => !(INERT_OPTIONS as readonly string[]).includes(key);
  // a set of before there was the option is made of the same options
  const { oversample, ...rest } = all;
  const decisive = { ...rest, ...(oversample ? { oversample } : {}) };
  const options = Object.fromEntries(Object.entries(decisive).filter(isDecisive));
  return {
    options: {
      ...options,
      split: chosen.policy,
      dtype: dtypeOf(chosen, all),
      splitFile: list?.sha256 ?? null,
      exclude: exclusion?.sha256 ?? null,
      against: others.map(({ fingerprint }) => fingerprint),
    },
    sources: merged.sources,
    format: FORMAT,
  };
}
