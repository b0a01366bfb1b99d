/**
 * From image folders and options to all that is known of a set before its first picture is decoded: which samples, in
 * which parts, and what decides its bytes.
 */
import { DatasetError } from "@fer/core";
import type { Identity } from "@fer/core/artifact";
import type { SetInfo } from "@fer/core/set";
import { countAgainst, type OtherSet, readOther } from "./against.js";
import { checkClasses } from "./check-classes.js";
import { type Exclusion, readExclusion, withoutExcluded } from "./merge/exclude.js";
import { limited } from "./merge/limit.js";
import { type MergedFolders, mergeFolders } from "./merge/merge.js";
import { type AssemblerOptions, checkOptions, INERT_OPTIONS } from "./options.js";
import { choosePolicy, type ChosenPolicy } from "./policies/choose.js";
import { checkData } from "./protocols/follow-protocol.js";
import { readSplitList, type SplitListFile } from "./read-split-list.js";
import { type Split, splitSamples } from "./split.js";

/** All that is known of a set before its first image is decoded. */
export interface SetPlan {
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
  options: AssemblerOptions;
}

/** Part of the identity: raised when the same inputs give other bytes. */
const FORMAT = 1;

/** Reads and splits. @throws DatasetError, FormatError, OptionsError */
export async function planSet(folders: readonly string[], options: AssemblerOptions): Promise<SetPlan> {
  const { splitFile, exclude, against } = options;
  const list = splitFile === null ? null : await readSplitList(splitFile);
  const exclusion = exclude === null ? null : await readExclusion(exclude);
  const merged = await mergeFolders(folders, options);
  const others: OtherSet[] = [];
  for (const path of against) others.push(await readOther(path));
  return planOf(merged, { list, exclusion, others, options });
}

function planOf(all: MergedFolders, { list, exclusion, others, options }: Beside): SetPlan {
  const wanted = exclusion === null ? all.samples : withoutExcluded(all.samples, exclusion);
  const merged = { ...all, samples: limited(wanted, { limits: options.limit, seed: options.seed }) };
  const { split, classes, allowMissing, protocol } = options;
  if (protocol !== null) checkData(merged, protocol);
  checkClasses(merged.samples, { classes, allowMissing });
  const { groupKind } = merged;
  const chosen = split === "auto" ? choosePolicy(merged.samples, groupKind) : { policy: split, reason: "asked for" };
  // an option that the chosen policy does not use would be dropped without a word
  if (split === "auto") checkOptions({ ...options, split: chosen.policy }, chosen.reason);
  const task = { ...options, list: list?.list ?? null, groupKind, policy: chosen.policy };
  const made = splitSamples(merged.samples, task);
  const against = others.map((other) => countAgainst(made, other));
  if (task.leaks === "fail") refuseShared(against);
  const count = all.samples.length;
  return { merged, chosen, listed: list?.sha256 ?? null, exclusion, against, count, split: made };
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

/** Number type of the images. */
export function dtypeOf({ policy }: ChosenPolicy, { dtype }: AssemblerOptions): "uint8" | "float32" {
  if (dtype !== "auto") return dtype;
  return policy === "original" ? "float32" : "uint8";
}

/** Whatever decides the bytes of a set. */
export function identityOf({ merged, chosen, listed, exclusion, against }: SetPlan, all: AssemblerOptions): Identity {
  const isDecisive = ([key]: [string, unknown]): boolean => !(INERT_OPTIONS as readonly string[]).includes(key);
  const options = Object.fromEntries(Object.entries(all).filter(isDecisive));
  return {
    options: {
      ...options,
      split: chosen.policy,
      dtype: dtypeOf(chosen, all),
      splitFile: listed,
      exclude: exclusion?.sha256 ?? null,
      against: against.map(({ fingerprint }) => fingerprint),
    },
    sources: merged.sources,
    format: FORMAT,
  };
}
