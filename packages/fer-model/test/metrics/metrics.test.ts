import {
  accuracy,
  balancedAccuracy,
  classMetrics,
  confusionMatrix,
  macroF1,
  normalizeRows,
  poolMatrices,
} from "@fer/model";
import { describe, expect, test } from "vitest";
import { deviationOf, meanOf } from "../../dist/metrics/mean.js";

// The example of scikit-learn's `classification_report` documentation, and a third class without samples.
const truth = [0, 0, 1, 1, 1, 0];
const predicted = [0, 1, 1, 1, 0, 0];
const matrix = confusionMatrix(truth, predicted, 3);

describe("confusionMatrix", () => {
  test("counts truth by row and prediction by column", () => {
    expect(matrix).toEqual([
      [2, 1, 0],
      [1, 2, 0],
      [0, 0, 0],
    ]);
  });

  test("pools matrices by adding them", () => {
    expect(poolMatrices([matrix, matrix])).toEqual([
      [4, 2, 0],
      [2, 4, 0],
      [0, 0, 0],
    ]);
  });

  test("normalises rows, leaving a class without samples at 0", () => {
    expect(normalizeRows(matrix)).toEqual([
      [2 / 3, 1 / 3, 0],
      [1 / 3, 2 / 3, 0],
      [0, 0, 0],
    ]);
  });
});

describe("scores", () => {
  test("accuracy is the share on the diagonal", () => {
    expect(accuracy(matrix)).toBeCloseTo(4 / 6, 12);
  });

  test("balanced accuracy weighs every class with samples alike", () => {
    expect(
      balancedAccuracy([
        [9, 1],
        [1, 0],
      ]),
    ).toBeCloseTo((0.9 + 0) / 2, 12);
  });

  test("macro-F1 leaves out classes without samples", () => {
    expect(macroF1(matrix)).toBeCloseTo(2 / 3, 12);
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
    const empty = confusionMatrix([], [], 2);
    expect([accuracy(empty), balancedAccuracy(empty), macroF1(empty)]).toEqual([0, 0, 0]);
  });
});

describe("mean and deviation", () => {
  test("the deviation is that of a sample", () => {
    expect(meanOf([1, 2, 3, 4])).toBe(2.5);
    expect(deviationOf([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });

  test("one value does not deviate", () => {
    expect(deviationOf([3])).toBe(0);
  });
});
