import { keyedRandom, shuffle, splitRandom } from "@fer/core";
import { describe, expect, it } from "vitest";

const first = (next: () => number, count = 4): number[] => Array.from({ length: count }, () => next() * 2 ** 32);

describe("seeded random numbers", () => {
  // Both rows were printed by version 0.1.0 before the two generators became one.
  it("gives split policies the numbers that published sets were made with", () => {
    expect(first(splitRandom(8, "groups"))).toEqual([3196032901, 3755931415, 2647935592, 1719201235]);
  });

  it("gives trainings the numbers that runs were made with", () => {
    expect(first(keyedRandom(1, "augment", 3, 17))).toEqual([1864879753, 1117364798, 4252052517, 3486306935]);
  });

  it("depends on every key, and on nothing drawn before", () => {
    const streams = [keyedRandom(1, "a", 1), keyedRandom(1, "a", 2), keyedRandom(1, "b", 1), keyedRandom(2, "a", 1)];
    expect(new Set(streams.map((next) => next())).size).toBe(4);
    expect(keyedRandom(1, "a", 1)()).toBe(keyedRandom(1, "a", 1)());
  });

  it("shuffles to a permutation", () => {
    const items = shuffle([1, 2, 3, 4, 5, 6, 7, 8], keyedRandom(3));
    expect(items.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(items).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
