/**
 * `official`: the owner's parts, for results that are compared with published ones. A dataset whose owner labels no
 * test part is tested on his validation part, and validation is carved out of train, so that no number is reported
 * that an epoch was chosen on. `train`, `valFrom` and `test` say it otherwise.
 */
import { DatasetError } from "@fer/core";
import { assignSelected } from "./assign-selected.js";
import type { PartPolicy } from "./policy.js";
import type { SplitItem } from "./split-item.js";
import { datasetOf, selected } from "./selector.js";

export const official: PartPolicy = {
  kind: "parts",
  name: "official",
  summary: "the owner's train, val and test; where he labels no test part, val is tested and another one carved",
  uses: ["train", "valFrom", "test", "valShare", "seed"],
  carves: true,
  assign(items, settings) {
    const train = settings.train ?? (items.some(({ split }) => split === "train") ? ["train"] : []);
    const test = settings.test ?? testedParts(items);
    const isTrain = selected("train", { selectors: train, items });
    const isTest = selected("test", { selectors: test, items });
    const left = items.filter((_, i) => isTrain[i] === 0 && isTest[i] === 0);
    const val = settings.valFrom ?? ownParts(left.filter(({ split }) => split === "val"));
    const unsplit = left.filter(({ split }) => split === "all");
    if (unsplit.length > 0) refuseUnsplit(unsplit, items);
    return assignSelected(items, { selectors: { train, val, test }, settings });
  },
};

/** Selectors of what is tested: of every dataset test, or val where it has no test. */
export function testedParts(items: readonly SplitItem[]): string[] {
  const hasTest = new Set(items.filter(({ split }) => split === "test").map(datasetOf));
  return ownParts(items.filter((item) => item.split === (hasTest.has(datasetOf(item)) ? "test" : "val")));
}

/** Selectors of the parts that these samples are in. */
const ownParts = (items: readonly SplitItem[]): string[] => [
  ...new Set(items.map((item) => `${datasetOf(item)}/${item.split}`)),
];

function refuseUnsplit(unsplit: readonly SplitItem[], items: readonly SplitItem[]): never {
  throw new DatasetError({
    code: "NO_OFFICIAL_SPLIT",
    subject: "split policy official",
    found: `${unsplit.length} of ${items.length} images are in no split of their owner, the first is "${unsplit[0]!.key}"`,
    expected: "datasets that come with train, val or test",
    fix: "Use another policy: subject, group, or ratio",
    context: { unsplit: unsplit.length },
  });
}
