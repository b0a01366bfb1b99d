/** Statistics of paired classifiers, against statsmodels 0.15.0. */
import { expect, test } from "vitest";
import { discordant, holm, mcNemar } from "../../dist/report/paired-statistics.js";

// statsmodels.stats.contingency_tables.mcnemar([[10, first], [second, 10]], exact=True).pvalue
test.each([
  { first: 5, second: 5, p: 1 },
  { first: 1, second: 9, p: 0.021484375 },
  { first: 12, second: 3, p: 0.03515625 },
  { first: 0, second: 7, p: 0.015625 },
  { first: 85, second: 120, p: 0.017351090463147357 },
  { first: 300, second: 410, p: 4.16166174101772e-5 },
  { first: 2000, second: 2200, p: 0.0021323556719912455 },
])("mcNemar of $first and $second", ({ first, second, p }) => {
  expect(mcNemar({ first, second }) / p).toBeCloseTo(1, 9);
  expect(mcNemar({ first: second, second: first })).toBe(mcNemar({ first, second }));
});

test("mcNemar of classifiers that agree everywhere is 1", () => {
  expect(mcNemar({ first: 0, second: 0 })).toBe(1);
});

test("discordant counts who alone is right, not who says something else", () => {
  const [truth, first, second] = [
    [0, 1, 2, 0, 1, 2],
    [0, 1, 0, 0, 0, 0],
    [0, 0, 1, 1, 1, 2],
  ];
  expect(discordant({ truth, first, second })).toEqual({ first: 2, second: 2 });
});

test("holm corrects as multipletests(method='holm') does", () => {
  const rounded = (values: number[]) => holm(values).map((value) => Number(value.toFixed(12)));
  expect(rounded([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(rounded([0.5, 0.6, 0.01])).toEqual([1, 1, 0.03]);
  expect(holm([])).toEqual([]);
});
