import { describe, expect, it } from "vitest";
import { exactDuplicates, type FindingItem, labelConflicts, nearDuplicates, nearIndex } from "@fer/core";

const item = (over: Partial<FindingItem>): FindingItem => ({
  file: "x.png",
  folder: "a",
  split: "train",
  expression: "happy",
  pixelHash: "p0",
  ...over,
});

describe("exact duplicates", () => {
  it("groups equal pixels and counts what stands in a later split than its twin", () => {
    const items = [
      item({ pixelHash: "p1" }),
      item({ pixelHash: "p1", split: "val" }),
      item({ pixelHash: "p1", split: "val" }),
      item({ pixelHash: "p2", split: "val" }),
      item({ pixelHash: "p2", split: "test" }),
      item({ pixelHash: "p3" }),
      item({ pixelHash: "p3" }),
      item({ pixelHash: "p4" }),
    ];
    expect(exactDuplicates(items)).toEqual({
      groups: [
        [0, 1, 2],
        [3, 4],
        [5, 6],
      ],
      files: 7,
      acrossSplits: 3,
      acrossFolders: 0,
    });
  });

  it("counts twins across folders", () => {
    expect(
      exactDuplicates([item({}), item({ folder: "b" }), item({ folder: "b", pixelHash: "p9" })]).acrossFolders,
    ).toBe(2);
  });
});

describe("label conflicts", () => {
  it("are groups of equal pixels with more than one label", () => {
    const items = [item({}), item({ expression: "sad" }), item({ pixelHash: "p1" }), item({ pixelHash: "p1" })];
    expect(labelConflicts(items)).toEqual([[0, 1]]);
  });
});

describe("near duplicates", () => {
  it("are images of one photo; groups of equal pixels are left to the exact search", () => {
    const items = ["a", "b", "c", "d", "d"].map((pixelHash) => item({ pixelHash }));
    expect(nearDuplicates(items, [0, 0, 0, 3, 3]).groups).toEqual([[0, 1, 2]]);
    expect(nearDuplicates(items, [0, 1, 2, 2, 2]).groups).toEqual([[2, 3, 4]]);
    expect(nearDuplicates(items, [0, 1, 2, 3, 3]).groups).toEqual([]);
  });
});

describe("nearIndex", () => {
  it("finds just what comparing every pair finds", () => {
    // xorshift32: 400 hashes around 20 centres, up to five flipped bits each
    let state = 2463534242;
    const random = (n: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % n;
    };
    const centres = Array.from({ length: 20 }, () => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32)));
    const values = Array.from({ length: 400 }, (_, i) => {
      let value = centres[i % 20]!;
      for (let flip = random(6); flip > 0; flip--) value ^= 1n << BigInt(random(64));
      return value;
    });
    const hashes = values.map((value) => value.toString(16).padStart(16, "0"));
    const distance = (a: bigint, b: bigint): number => (a ^ b).toString(2).replaceAll("0", "").length;
    for (const bits of [0, 1, 2, 3]) {
      const index = nearIndex(hashes, bits);
      for (const [i, hash] of hashes.entries()) {
        const every = values.flatMap((value, j) => (distance(value, values[i]!) <= bits ? [j] : []));
        expect(index.near(hash)).toEqual(every);
      }
    }
  });
});
