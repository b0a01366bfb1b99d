import { certaintyOf } from "@fer/core/run";
import { expect, test } from "vitest";

test("the truth is looked for among the two most probable classes, the first of equal ones", () => {
  const probabilities = [0.5, 0.3, 0.2, 0.2, 0.3, 0.5, 0.4, 0.3, 0.3, 0.1, 0.45, 0.45];
  expect(certaintyOf({ probabilities, truth: [1, 0, 1, 2] }).top2Accuracy).toBe(0.75);
  expect(certaintyOf({ probabilities, truth: [2, 0, 2, 0] }).top2Accuracy).toBe(0);
});

test("calibration error of a sure and a doubtful bin", () => {
  // 4 of 0.9 of which 3 are right, 2 of 0.6 of which none is: (|3.6 - 3| + |1.2 - 0|) / 6
  const rows = [0.9, 0.9, 0.9, 0.9, 0.6, 0.6];
  const probabilities = rows.flatMap((p) => [p, 1 - p]);
  expect(certaintyOf({ probabilities, truth: [0, 0, 0, 1, 1, 1] }).calibrationError).toBeCloseTo(0.3, 12);
});

test("errors of two directions in one bin cancel, in two they do not", () => {
  const same = certaintyOf({ probabilities: [0.62, 0.38, 0.65, 0.35], truth: [0, 1] });
  expect(same.calibrationError).toBeCloseTo(Math.abs(1.27 - 1) / 2, 12);
  const apart = certaintyOf({ probabilities: [0.62, 0.38, 0.85, 0.15], truth: [0, 1] });
  expect(apart.calibrationError).toBeCloseTo((0.38 + 0.85) / 2, 12);
});

test("a certain classifier that is right has no error, and no samples have none", () => {
  expect(certaintyOf({ probabilities: [1, 0, 0, 1], truth: [0, 1] })).toEqual({ top2Accuracy: 1, calibrationError: 0 });
  expect(certaintyOf({ probabilities: [], truth: [] })).toEqual({ top2Accuracy: 0, calibrationError: 0 });
});
