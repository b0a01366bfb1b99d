/** Faces cut out: where eyes come to lie, what the mean over pixels is, and what is beyond the edge. */
import { cutFace, FACE_POSE, faceMatrix, warpArea } from "@fer/core/pixels";
import { expect, test } from "vitest";

const pose = { ...FACE_POSE, side: 96 };
const box = { x: 100, y: 80, width: 120, height: 120 };

const mapped = ([a, b, c, d, e, f]: readonly number[], [x, y]: readonly [number, number]): number[] => [
  a! * x + b! * y + c!,
  d! * x + e! * y + f!,
];

test.each([0, 20, -45, 90, 180])("eyes of a face turned by %d degrees come to their places", (degrees) => {
  const turn = (degrees * Math.PI) / 180;
  const [dx, dy] = [30 * Math.cos(turn), 30 * Math.sin(turn)];
  const eyes = [
    [160 - dx, 120 - dy],
    [160 + dx, 120 + dy],
  ] as const;
  const matrix = faceMatrix({ box, eyes }, pose);
  const near = (1 - 0.36 * (60 / 0.36 / 166.7)) / 2;
  expect(mapped(matrix, eyes[0])[0]).toBeCloseTo(96 * near, 1);
  expect(mapped(matrix, eyes[0])[1]).toBeCloseTo(96 * 0.39, 6);
  expect(mapped(matrix, eyes[1])[1]).toBeCloseTo(96 * 0.39, 6);
});

test("a profile, whose eyes seem near each other, keeps the width of its box", () => {
  const eyes = [
    [150, 120],
    [160, 120],
  ] as const;
  const [scale] = faceMatrix({ box, eyes }, pose);
  expect(scale).toBeCloseTo(96 / 120, 9);
});

test("without eyes the box tells the square", () => {
  const matrix = faceMatrix({ box, eyes: null }, pose);
  expect(matrix[0]).toBeCloseTo(96 / (1.12 * 120), 9);
  expect(mapped(matrix, [160, 140 - 0.063 * 120])).toEqual([48, 48]);
});

test("pixels are means over what they cover, edges are repeated, and a shift by whole pixels copies", () => {
  const data = Uint8Array.from({ length: 64 }, (_, i) => i * 4);
  const picture = { width: 8, height: 8, channels: 1 as const, data };
  const quarter = warpArea(picture, { matrix: [0.25, 0, 0, 0, 0.25, 0], side: 2 });
  const mean = (x: number, y: number): number => {
    let sum = 0;
    for (let row = 4 * y; row < 4 * y + 4; row++)
      for (let column = 4 * x; column < 4 * x + 4; column++) sum += data[row * 8 + column]!;
    return Math.round(sum / 16);
  };
  expect([...quarter.data]).toEqual([mean(0, 0), mean(1, 0), mean(0, 1), mean(1, 1)]);
  const shifted = warpArea(picture, { matrix: [1, 0, 2, 0, 1, 1], side: 8 });
  expect([...shifted.data.subarray(8, 16)]).toEqual([0, 0, 0, 4, 8, 12, 16, 20]);
  expect([...shifted.data.subarray(0, 8)]).toEqual([0, 0, 0, 4, 8, 12, 16, 20]);
});

test("a face of one pixel, and one at the corner, are cut out of any picture", () => {
  const picture = { width: 1, height: 1, channels: 3 as const, data: Uint8Array.of(10, 20, 30) };
  const face = { box: { x: 0, y: 0, width: 1, height: 1 }, eyes: null };
  expect([...cutFace(picture, { face, ...FACE_POSE, side: 2 }).data]).toEqual([1, 2, 3, 4].flatMap(() => [10, 20, 30]));
});
