/**
 * `cross-dataset`: trained on some datasets, tested on others: how well a network does on pictures that were taken and
 * labelled by somebody else. Validation is carved out of train, or selected.
 */
import { type FerErrorParts, OptionsError } from "@fer/core";
import { assignSelected } from "./assign-selected.js";
import type { PartPolicy } from "./policy.js";
import { datasetOf, selected } from "./selector.js";
import { distinctOf } from "./split-item.js";

export const crossDataset: PartPolicy = {
  kind: "parts",
  name: "cross-dataset",
  summary: "trained on some datasets, tested on others (test)",
  uses: ["train", "valFrom", "test", "valShare", "seed"],
  carves: true,
  assign(items, settings) {
    const names = [...distinctOf(items, datasetOf)].sort();
    if (names.length < 2)
      throw refused({
        found: `all images are from ${names.join()}`,
        expected: "two datasets or more",
        fix: "Name the folder of another one as well",
      });
    if (settings.test == null)
      throw refused({
        found: "it is not said what is tested",
        expected: "a dataset",
        fix: `Set test (--test) to one of ${names.join(", ")}`,
      });
    const { test, valFrom } = settings;
    const namesOf = (option: "train" | "test", selectors: readonly string[]): Set<string> => {
      const taken = selected(option, { selectors, items });
      const found = new Set<string>();
      for (const [i, item] of items.entries()) if (taken[i] === 1) found.add(datasetOf(item));
      return found;
    };
    const tested = namesOf("test", test);
    const train = settings.train ?? names.filter((name) => !tested.has(name));
    const trained = namesOf("train", train);
    const both = [...trained].find((name) => tested.has(name));
    if (both !== undefined || trained.size === 0) {
      throw refused({
        found:
          both === undefined ? "every dataset is tested, and none is left to train on" : `${both} is on both sides`,
        expected: "other datasets in train than in test",
        fix: "Name whole datasets, or use the policy official",
      });
    }
    return assignSelected(items, { selectors: { train, val: valFrom ?? [], test }, settings });
  },
};

const refused = (parts: Pick<FerErrorParts, "found" | "expected" | "fix">): OptionsError =>
  new OptionsError({ code: "NOT_ACROSS_DATASETS", subject: "split policy cross-dataset", ...parts });
