/** Parts by selectors: what is tested and what is trained on; validation is selected as well, or carved out of train. */
import { OptionsError } from "@fer/core";
import type { Part } from "@fer/core/set";
import { carve } from "./folds.js";
import type { SplitSettings } from "./policy.js";
import type { Items } from "./split-item.js";
import { selected } from "./selector.js";

/** Selectors of each part. Of what is in `train` and in `val`, a share is carved out for validation. */
export interface SelectedParts {
  train: readonly string[];
  val: readonly string[];
  test: readonly string[];
}

/** Parts of every sample; none for what nothing selects. @throws OptionsError */
export function assignSelected(
  items: Items,
  { selectors, settings }: { selectors: SelectedParts; settings: SplitSettings },
): (readonly Part[])[] {
  const { valShare, seed, groupKind } = settings;
  const [train, val, test] = (
    [
      ["train", selectors.train],
      ["valFrom", selectors.val],
      ["test", selectors.test],
    ] as const
  ).map(([option, list]) => selected(option, { selectors: list, items }));
  const both = test!.findIndex((is, i) => is === 1 && (train![i] === 1 || val![i] === 1));
  if (both >= 0) {
    throw new OptionsError({
      code: "OVERLAPPING_PARTS",
      subject: "assembler options",
      found: `test and ${train![both] === 1 ? "train" : "valFrom"} both take "${items.at(both)!.key}"`,
      expected: "every image in one part",
    });
  }
  const isCarved = (i: number): boolean => train![i] === 1 && (val![i] === 1 || selectors.val.length === 0);
  const rest = Uint32Array.from(items.keys()).filter(isCarved);
  if (valShare > 0 && rest.length === 0 && selectors.val.length > 0) {
    throw new OptionsError({
      code: "UNUSED_OPTION",
      subject: "assembler options",
      found: `valShare ${valShare}, and validation is ${selectors.val.join(", ")}`,
      expected: "a share of what is trained on, or validation that its owner set apart",
      fix: "Leave valShare (--val-share) out, or set valFrom (--val-from) to train",
    });
  }
  const apart = groupKind === "none" ? "samples" : "groups";
  const isVal = carve(items, { rest, apart, seed, share: valShare });
  const parts = Array.from(items.keys(), (i): readonly Part[] => {
    if (test![i] === 1) return TEST;
    if (train![i] === 1) return TRAIN;
    return val![i] === 1 ? VAL : LEFT_OUT;
  });
  for (const [at, i] of rest.entries()) if (isVal[at] === 1) parts[i] = VAL;
  return parts;
}

const LEFT_OUT: readonly Part[] = [];
const TRAIN: readonly Part[] = ["train"];
const VAL: readonly Part[] = ["val"];
const TEST: readonly Part[] = ["test"];
