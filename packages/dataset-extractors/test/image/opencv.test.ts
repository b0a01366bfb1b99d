/** Against OpenCV: numbers of test/golden/opencv.py on generated pictures. */
import { readFileSync } from "node:fs";
import { eyeTransform, warpAffine } from "@fer/core/pixels";
import { toGrey } from "@fer/dataset-extractors/image";
import { expect, test } from "vitest";
import { picture } from "../fixtures/images.js";

const golden = JSON.parse(readFileSync(new URL("../golden/opencv.json", import.meta.url), "utf8")) as {
  grey: number[];
  eyes: { left: [number, number]; right: [number, number] };
  side: number;
  matrix: number[];
  warped: number[];
};

test("grey equals cvtColor, pixel by pixel", () => {
  expect([...toGrey(picture(1, 64, 48, 3)).data]).toEqual(golden.grey);
});

test("the transform on the eyes equals estimateAffinePartial2D, in either order of the eyes", () => {
  const { left, right } = golden.eyes;
  for (const eyes of [
    [left, right],
    [right, left],
  ]) {
    const matrix = eyeTransform(eyes, golden.side)!;
    matrix.forEach((value, i) => expect(value).toBeCloseTo(golden.matrix[i]!, 6));
  }
});

test("the centres of the eyes of 68 points are what counts", () => {
  const points = Array.from({ length: 68 }, (_, i): [number, number] =>
    i >= 36 && i < 42 ? [20 + (i - 38.5), 30] : i >= 42 && i < 48 ? [50, 30 + (i - 44.5)] : [99, 99],
  );
  expect(eyeTransform(points, 40)).toEqual(
    eyeTransform(
      [
        [20, 30],
        [50, 30],
      ],
      40,
    ),
  );
});

test("points without two eyes give no transform", () => {
  expect(
    eyeTransform(
      [
        [1, 1],
        [1, 1],
      ],
      40,
    ),
  ).toBeUndefined();
  expect(eyeTransform([[1, 1]], 40)).toBeUndefined();
  expect(
    eyeTransform(
      [
        [Number.NaN, 1],
        [2, 1],
      ],
      40,
    ),
  ).toBeUndefined();
});

test("the warped picture equals warpAffine, pixel by pixel", () => {
  const matrix = eyeTransform([golden.eyes.left, golden.eyes.right], golden.side)!;
  const { data } = warpAffine(picture(2, 70, 60, 3), { matrix, side: golden.side });
  const differences = [...data].map((value, i) => Math.abs(value - golden.warped[i]!));
  expect(Math.max(...differences)).toBe(0);
});
