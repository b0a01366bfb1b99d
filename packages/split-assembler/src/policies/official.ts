/**
 * `official`: the owner's parts, for results that are compared with published ones. A dataset whose owner labels no
 * test part is tested on his validation part, and validation is carved out of train, so that no number is reported
 * that an epoch was chosen on. `train`, `valFrom` and `test` say it otherwise.
 */
import { DatasetError } from "@fer/core";
import { assignSelected } from "./assign-selected.js";
import type { PartPolicy } from "./policy.js";
import { distinctOf, type Items, pickedItems, positionsOfItems } from "./split-item.js";
import { datasetOf, selected } from "./selector.js";

export const official: PartPolicy = {
  kind: "parts",
  name: "official",
  summary: "the owner's train, val and test; where he labels no test part, val is tested and another one carved",
  uses: ["train", "valFrom", "test", "valShare", "seed"],
  carves: true,
  assign(items, settings) {
    const train =
      settings.train ?? (positionsOfItems(items, ({ split }) => split === "train").length > 0 ? ["train"] : []);
    const test = settings.test ?? testedParts(items);
    const isTrain = selected("train", { selectors: train, items });
    const isTest = selected("test", { selectors: test, items });
    const left = pickedItems(
      items,
      Uint32Array.from(items.keys()).filter((i) => isTrain[i] === 0 && isTest[i] === 0),
    );
    const of = (part: "val" | "all"): Items =>
      pickedItems(
        left,
        positionsOfItems(left, ({ split }) => split === part),
      );
    const val = settings.valFrom ?? ownParts(of("val"));
    const unsplit = of("all");
    if (unsplit.length > 0) refuseUnsplit(unsplit, items);
    return assignSelected(items, { selectors: { train, val, test }, settings });
  },
};

/** Selectors of what is tested: of every dataset test, or val where it has no test. */
export function testedParts(items: Items): string[] {
  const hasTest = new Set<string>();
  for (const item of items) if (item.split === "test") hasTest.add(datasetOf(item));
  const tested = positionsOfItems(items, (item) => item.split === (hasTest.has(datasetOf(item)) ? "test" : "val"));
  return ownParts(pickedItems(items, tested));
}

/** Selectors of the parts that these samples are in. */
const ownParts = (items: Items): string[] => [...distinctOf(items, (item) => `${datasetOf(item)}/${item.split}`)];

function refuseUnsplit(unsplit: Items, items: Items): never {
  throw new DatasetError({
    code: "NO_OFFICIAL_SPLIT",
    subject: "split policy official",
    found: `${unsplit.length} of ${items.length} images are in no split of their owner, the first is "${unsplit.at(0)!.key}"`,
    expected: "datasets that come with train, val or test",
    fix: "Use another policy: subject, group, or ratio",
    context: { unsplit: unsplit.length },
  });
}
