import { expect, test } from "vitest";
import { predictionBlocks } from "../dist/train/prediction-blocks.js";

const sizes = (count: number, policy: { largest: number; filled: number }) =>
  [...predictionBlocks({ inputs: new Uint8Array(count * 3), count }, policy)]
    .map(({ rows, size }) => `${rows}/${size}`)
    .join(" ");

test("blocks are powers of two: the last is filled up, or what is left of a large rest makes more of them", () => {
  const whole = { largest: 256, filled: Number.POSITIVE_INFINITY };
  expect([1, 5, 256, 300, 700].map((count) => sizes(count, whole))).toEqual([
    "1/1",
    "5/8",
    "256/256",
    "256/256 44/64",
    "256/256 256/256 188/256",
  ]);
  const parts = { largest: 512, filled: 32 };
  expect([1, 31, 32, 45, 700].map((count) => sizes(count, parts))).toEqual([
    "1/1",
    "31/32",
    "32/32",
    "32/32 13/16",
    "512/512 128/128 32/32 28/32",
  ]);
});

test("every row is in one block, in order, with zeros behind the last", () => {
  const inputs = Float32Array.from({ length: 45 * 3 }, (_, i) => i + 1);
  const blocks = [...predictionBlocks({ inputs, count: 45 }, { largest: 16, filled: 32 })];
  expect(blocks.flatMap((block) => [...block.inputs.subarray(0, block.rows * 3)])).toEqual([...inputs]);
  expect(blocks.map(({ inputs: { length }, size }) => length === size * 3)).toEqual(blocks.map(() => true));
  expect([...blocks.at(-1)!.inputs.subarray(blocks.at(-1)!.rows * 3)].every((value) => value === 0)).toBe(true);
});
