/** Statistics of paired classifiers, against statsmodels 0.15.0, scipy 1.17.1 and numpy 2.4.6. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { bootstrap, discordant, holm, mcNemar, middle } from "../../dist/report/paired-statistics.js";

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

test("middle takes the quantiles of numpy.percentile", () => {
  const [low, high] = middle([3, 1, 4, 1, 5, 9, 2, 6]);
  expect([low, high]).toEqual([1, expect.closeTo(8.475, 12)]);
  expect(middle([7])).toEqual([7, 7]);
});

const COUNT = 60;
const truth = Array.from({ length: COUNT }, (_, i) => i % 3);
const first = truth.map((label, i) => (i % 4 === 0 ? (label + 1) % 3 : label));
const second = truth.map((label, i) => (i % 7 === 0 ? (label + 2) % 3 : label));
const options = { classes: 3, resamples: 20_000, seed: 1, turn: async () => {} };

// scipy.stats.bootstrap((truth, first, second), statistic, paired=True, method="percentile")
test("the intervals are those of scipy's paired bootstrap, to the noise of its draws", async () => {
  const [a, b] = await bootstrap({ truth, predicted: [first, second], groups: null }, options);
  const near = ([low, high]: [number, number], expected: [number, number]): void => {
    // accuracies are multiples of 1/60
    expect(Math.abs(low - expected[0])).toBeLessThan(1 / COUNT + 1e-9);
    expect(Math.abs(high - expected[1])).toBeLessThan(1 / COUNT + 1e-9);
  };
  near(middle(a!.accuracy), [0.6333333333333333, 0.85]);
  near(middle(b!.accuracy), [0.75, 0.9333333333333333]);
  const difference = (name: "accuracy" | "macroF1") => middle(b![name].map((value, i) => value - a![name][i]!));
  near(difference("accuracy"), [-0.033333333333333326, 0.2333333333333334]);
  const [low, high] = difference("macroF1");
  expect(low).toBeCloseTo(-0.03624768307695423, 2);
  expect(high).toBeCloseTo(0.24080068204430777, 2);
});

test("a seed decides the draws, whoever else has a turn", async () => {
  const few = { ...options, resamples: 50 };
  const one = await bootstrap({ truth, predicted: [first], groups: null }, few);
  expect(await bootstrap({ truth, predicted: [first], groups: null }, { ...few, turn: setImmediate })).toEqual(one);
  expect(await bootstrap({ truth, predicted: [first], groups: null }, { ...few, seed: 2 })).not.toEqual(one);
  // A classifier that is compared with others gets the scores that it gets alone.
  expect((await bootstrap({ truth, predicted: [second, first], groups: null }, few))[1]).toEqual(one[0]);
});

test("groups are drawn as a whole", async () => {
  // 6 groups of 10, each right or wrong as a whole: accuracies are multiples of 1/6.
  const groups = truth.map((_, i) => Math.floor(i / 10));
  const predicted = truth.map((label, i) => (groups[i]! < 3 ? label : (label + 1) % 3));
  const [draws] = await bootstrap({ truth, predicted: [predicted], groups }, { ...options, resamples: 2000 });
  const sixths = draws!.accuracy.map((value) => value * 6);
  expect(sixths.every((value) => Math.abs(value - Math.round(value)) < 1e-9)).toBe(true);
  // The variance of a mean of 6 coins, not of 60.
  const variance = draws!.accuracy.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / 2000;
  expect(Math.abs(variance - 0.25 / 6)).toBeLessThan(0.004);
});
