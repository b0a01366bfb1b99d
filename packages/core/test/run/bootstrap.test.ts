/** Bootstrap intervals, against scipy 1.17.1 and numpy 2.4.6. */
import { setImmediate } from "node:timers/promises";
import { bootstrap, certaintyOf, confusionMatrix, groupNumbers, intervalsOf, middle, scoresOf } from "@fer/core/run";
import { expect, test } from "vitest";

test("middle takes the quantiles of numpy.nanpercentile", () => {
  const [low, high] = middle(Float64Array.of(3, 1, Number.NaN, 4, 1, 5, 9, 2, 6));
  expect([low, high]).toEqual([1, expect.closeTo(8.475, 12)]);
  expect(middle(Float64Array.of(7))).toEqual([7, 7]);
});

const COUNT = 60;
const truth = Array.from({ length: COUNT }, (_, i) => i % 3);
const first = truth.map((label, i) => (i % 4 === 0 ? (label + 1) % 3 : label));
const second = truth.map((label, i) => (i % 7 === 0 ? (label + 2) % 3 : label));
const together = (labels: number[][], groups: number[] | null = null) => ({
  truth,
  classifiers: labels.map((predicted) => ({ predicted, probabilities: null })),
  groups,
});
const options = { classes: 3, resamples: 20_000, seed: 1, turn: async () => {} };

// scipy.stats.bootstrap((truth, first, second), statistic, paired=True, method="percentile")
test("the intervals are those of scipy's paired bootstrap, to the noise of its draws", async () => {
  const [a, b] = await bootstrap(together([first, second]), options);
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
  const one = await bootstrap(together([first]), few);
  expect(await bootstrap(together([first]), { ...few, turn: setImmediate })).toEqual(one);
  expect(await bootstrap(together([first]), { ...few, seed: 2 })).not.toEqual(one);
  // A classifier that is compared with others gets the scores that it gets alone.
  expect((await bootstrap(together([second, first]), few))[1]).toEqual(one[0]);
});

test("groups are drawn as a whole", async () => {
  // 6 groups of 10, each right or wrong as a whole: accuracies are multiples of 1/6.
  const groups = truth.map((_, i) => Math.floor(i / 10));
  const predicted = truth.map((label, i) => (groups[i]! < 3 ? label : (label + 1) % 3));
  const [draws] = await bootstrap(together([predicted], groups), { ...options, resamples: 2000 });
  const sixths = draws!.accuracy.map((value) => value * 6);
  expect(sixths.every((value) => Math.abs(value - Math.round(value)) < 1e-9)).toBe(true);
  // The variance of a mean of 6 coins, not of 60.
  const variance = draws!.accuracy.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / 2000;
  expect(Math.abs(variance - 0.25 / 6)).toBeLessThan(0.004);
});

// The prediction has 0.5 + (i % 10) / 25, the class after it three quarters of the rest.
const probabilities = first.flatMap((label, i) => {
  const most = 0.5 + (i % 10) / 25;
  const row = [0, 0, 0];
  row[label] = most;
  row[(label + 1) % 3] = (1 - most) * 0.75;
  row[(label + 2) % 3] = (1 - most) * 0.25;
  return row;
});
const classes = ["neutral", "anger", "happy"];
const alone = truth.map(() => null);

// scipy.stats.bootstrap((rows,), statistic, method="percentile", n_resamples=20000); the statistics in numpy
test("intervals of certainty and of the F1 of a class are those of scipy, to the noise of its draws", async () => {
  const found = await intervalsOf(
    { truth, predicted: first, probabilities },
    { classes, groups: alone, resamples: 20_000 },
  );
  const near = (interval: readonly number[], { low, high, by }: Record<"low" | "high" | "by", number>): void => {
    expect(Math.abs(interval[0]! - low)).toBeLessThan(by);
    expect(Math.abs(interval[1]! - high)).toBeLessThan(by);
  };
  expect(found).toMatchObject({ units: "images", unitCount: 60, resamples: 20_000, seed: 1 });
  near(found!.top2Accuracy, { low: 0.6333333333333333, high: 0.85, by: 1 / COUNT + 1e-9 });
  near(found!.calibrationError, { low: 0.08266666666666668, high: 0.24333333333333332, by: 0.003 });
  near(found!.f1["neutral"]!, { low: 0.5789473684210527, high: 0.8837209302325582, by: 0.006 });
  near(found!.f1["happy"]!, { low: 0.5714285714285714, high: 0.8837209302325582, by: 0.006 });
});

test("what is drawn is scored as a part is", async () => {
  // One draw of one group that holds every sample is the part itself.
  const [draws] = await bootstrap(
    { truth, classifiers: [{ predicted: first, probabilities }], groups: truth.map(() => 0) },
    { ...options, resamples: 1 },
  );
  const { accuracy, macroF1 } = scoresOf(confusionMatrix({ truth, predicted: first }, 3));
  const { top2Accuracy, calibrationError } = certaintyOf({ probabilities, truth });
  expect([draws!.accuracy[0], draws!.macroF1[0]]).toEqual([accuracy, macroF1]);
  const certainty = [draws!.certainty!.top2Accuracy[0], draws!.certainty!.calibrationError[0]];
  expect(certainty).toEqual([top2Accuracy, calibrationError]);
});

// accuracies of whole groups, drawn by scipy.stats.bootstrap: 12 people of 5 images, 3 of them wrong throughout
test("intervals of people are wider than those of images", async () => {
  const people = truth.map((_, i) => `person ${Math.floor(i / 5)}`);
  const predicted = truth.map((label, i) => (Math.floor(i / 5) % 4 === 0 ? (label + 1) % 3 : label));
  const drawn = { truth, predicted, probabilities };
  const grouped = await intervalsOf(drawn, { classes, groups: people });
  expect(grouped).toMatchObject({ units: "groups", unitCount: 12, accuracy: [0.5, 1] });
  const [low, high] = (await intervalsOf(drawn, { classes, groups: alone }))!.accuracy;
  expect(high - low).toBeLessThan(0.25);
});

test("a class without images has no interval, and one group alone gives none at all", async () => {
  const four = ["neutral", "anger", "happy", "sad"];
  const wide = truth.flatMap((label) => four.map((_, at) => (at === label ? 1 : 0)));
  const of = { truth, predicted: truth, probabilities: wide };
  const found = await intervalsOf(of, { classes: four, groups: alone, resamples: 100 });
  expect(found!.f1).toEqual({ neutral: [1, 1], anger: [1, 1], happy: [1, 1], sad: null });
  expect(await intervalsOf(of, { classes: four, groups: truth.map(() => "one") })).toBeNull();
});

test("groups are numbered as they come, and who has none stands alone", () => {
  expect([...groupNumbers(["b", null, "a", "b", null])]).toEqual([0, 1, 2, 0, 3]);
});
