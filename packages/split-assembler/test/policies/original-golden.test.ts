/** The split of the original framework on the class counts of its own published set (CK+ and UBD merged). */
import { readOneHotLabels } from "@fer/core/set";
import { policies, type SplitItem, writeOneHotLabels } from "@fer/split-assembler";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";

const folder = testFolder();

/** Samples per class of `ckubd_full_labels.npy`, `ckubd_train_labels.npy` and `ckubd_test_labels.npy`. */
const GOLDEN = {
  full: [1088, 168, 180, 211, 252, 190, 223],
  train: [870, 134, 144, 168, 201, 152, 178],
  test: [218, 34, 36, 43, 51, 38, 45],
} as const;

const countsOf = (labels: Iterable<number>): number[] => {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const label of labels) counts[label]! += 1;
  return counts;
};

describe("policy original on the original's ckubd set", () => {
  it("gives 1847 train and 465 test samples of 2312, class by class", () => {
    const items = GOLDEN.full.flatMap((n, label) =>
      Array.from({ length: n }, (_, i): SplitItem => ({ key: `${label}/${i}`, label, group: null, split: "all" })),
    );
    const parts = policies.original.assign(items, { seed: 0, valShare: 0, testShare: 0.2, groupKind: "none" });
    for (const part of ["full", "train", "test"] as const) {
      const labels = items.filter((_, i) => parts[i]!.includes(part)).map((item) => item.label);
      expect(countsOf(labels)).toEqual(GOLDEN[part]);
    }
  });

  describe.skipIf(!process.env["FER_DATA"])("and its published label files (FER_DATA)", () => {
    it.each(["full", "train", "test"] as const)(
      "%s has those counts, classes one after another, and is written byte for byte",
      async (part) => {
        const file = join(process.env["FER_DATA"]!, "ckubd-labels", `ckubd_${part}_labels.npy`);
        const labels = await readOneHotLabels(file, 7);
        expect(countsOf(labels)).toEqual(GOLDEN[part]);
        expect([...labels]).toEqual([...labels].sort((a, b) => a - b));
        await writeOneHotLabels(folder.at(`${part}.npy`), { labels, classes: 7 });
        expect(readFileSync(folder.at(`${part}.npy`)).equals(readFileSync(file))).toBe(true);
      },
    );
  });
});
