import { describe, expect, test } from "vitest";
import { DEPTHWISE, isReshape, NCHW, OIHW, permutation, physicalShape, relayout } from "../../dist/onnx/layout.js";

test("NHWC values become NCHW in memory", () => {
  // One image of 1 x 2 pixels with 3 channels.
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect(physicalShape([1, 1, 2, 3], NCHW)).toEqual([1, 3, 1, 2]);
  expect(Array.from(relayout({ data: values, shape: [1, 1, 2, 3], layout: null }, NCHW))).toEqual([1, 4, 2, 5, 3, 6]);
});

describe.each([
  ["NCHW", NCHW],
  ["OIHW", OIHW],
  ["depthwise", DEPTHWISE],
])("%s", (_, layout) => {
  test("there and back changes nothing", () => {
    const shape = [2, 3, 4, 5];
    const values = Float32Array.from({ length: 120 }, (_, i) => i);
    const there = relayout({ data: values, shape, layout: null }, layout);
    expect(there).not.toEqual(values);
    expect(relayout({ data: there, shape, layout }, null)).toEqual(values);
  });
});

test("a transpose that only moves axes of one is a reshape", () => {
  const toNCHW = permutation(4, { from: null, to: NCHW });
  expect(isReshape([2, 1, 1, 3], toNCHW)).toBe(true);
  expect(isReshape([2, 4, 4, 1], toNCHW)).toBe(true);
  expect(isReshape([2, 4, 4, 3], toNCHW)).toBe(false);
});
