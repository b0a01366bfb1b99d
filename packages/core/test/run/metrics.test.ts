import { classMetrics, confusionMatrix, METRIC_NAMES, METRICS, Scores, scoresOf, spreadOf } from "@fer/core/run";
import { describe, expect, test } from "vitest";

// The example of scikit-learn's `classification_report` documentation, and a third class without samples.
const truth = [0, 0, 1, 1, 1, 0];
const predicted = [0, 1, 1, 1, 0, 0];
const matrix = confusionMatrix({ truth, predicted }, 3);

describe("confusionMatrix", () => {
  test("counts truth by row and prediction by column", () => {
    expect(matrix).toEqual([
      [2, 1, 0],
      [1, 2, 0],
      [0, 0, 0],
    ]);
  });
});

describe("scores", () => {
  test("accuracy is the share on the diagonal", () => {
    expect(scoresOf(matrix).accuracy).toBeCloseTo(4 / 6, 12);
  });

  test("balanced accuracy weighs every class with samples alike", () => {
    expect(
      scoresOf([
        [9, 1],
        [1, 0],
      ]).balancedAccuracy,
    ).toBeCloseTo((0.9 + 0) / 2, 12);
  });

  test("macro-F1 leaves out classes without samples", () => {
    expect(scoresOf(matrix).macroF1).toBeCloseTo(2 / 3, 12);
  });

  test("a class that was never predicted has precision 0, one without samples has no scores", () => {
    const unseen = [
      [3, 0, 0],
      [2, 0, 0],
      [0, 0, 0],
    ];
    expect(classMetrics(unseen, 1)).toEqual({ precision: 0, recall: 0, f1: 0, support: 2 });
    expect(classMetrics(unseen, 2)).toEqual({ precision: null, recall: null, f1: null, support: 0 });
  });

  test("an empty matrix scores 0", () => {
    expect(scoresOf(confusionMatrix({ truth: [], predicted: [] }, 2))).toMatchObject({
      accuracy: 0,
      balancedAccuracy: 0,
      macroF1: 0,
    });
  });

  test("are those that the schema has, in the order of the record", () => {
    expect(Object.keys(Scores.shape)).toEqual(METRIC_NAMES);
    expect(METRIC_NAMES).toEqual(Object.keys(METRICS));
    expect(Scores.parse(scoresOf(matrix))).toEqual(scoresOf(matrix));
  });
});

describe("spread", () => {
  test("the deviation is that of a sample", () => {
    const { mean, deviation } = spreadOf([1, 2, 3, 4]);
    expect(mean).toBe(2.5);
    expect(deviation).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });

  test("one value does not deviate", () => {
    expect(spreadOf([3])).toEqual({ mean: 3, deviation: 0 });
  });
});
