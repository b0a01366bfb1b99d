/** Muon against matrices multiplied by hand. */
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { isForMuon, muonMove } from "../dist/train/muon.js";
import { generator } from "./nets.ts";

type Matrix = number[][];

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, column) => a.map((row) => row[column]!));
const sum = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
const scaled = (a: Matrix, by: number): Matrix => a.map((row) => row.map((value) => value * by));

/** As the header of muon.ts writes it. */
function reference({ m, g }: { m: Matrix; g: Matrix }, { beta, steps }: { beta: number; steps: number }) {
  const velocity = sum(scaled(m, beta), scaled(g, 1 - beta));
  const u = sum(scaled(velocity, beta), scaled(g, 1 - beta));
  let x = scaled(u, 1 / Math.sqrt(u.flat().reduce((total, value) => total + value ** 2, 0)));
  for (let step = 0; step < steps; step++) {
    const xxt = times(x, transposed(x));
    x = sum(sum(scaled(x, 3.4445), scaled(times(xxt, x), -4.775)), scaled(times(times(xxt, xxt), x), 2.0315));
  }
  return { velocity, move: scaled(x, 0.2 * Math.sqrt(Math.max(x.length, x[0]!.length))) };
}

const shapes: { shape: number[] }[] = [{ shape: [1, 2, 4, 3] }, { shape: [1, 1, 5, 9] }];

describe.each(shapes)("a kernel $shape", ({ shape }) => {
  const outputs = shape[3]!;
  const inputs = shape.slice(0, 3).reduce((product, side) => product * side, 1);
  const random = generator(3);
  const matrix = (): Matrix =>
    Array.from({ length: inputs }, () => Array.from({ length: outputs }, () => random() * 2 - 1));

  test.each([1, 3, 5])("moves as by hand, with %i steps", (steps) => {
    const [m, g] = [matrix(), matrix()];
    const expected = reference({ m, g }, { beta: 0.9, steps });
    const tensor = (of: Matrix): tf.Tensor => tf.tensor(of.flat(), shape);
    const found = muonMove({ velocity: tensor(m), gradient: tensor(g) }, { beta: 0.9, steps });
    for (const key of ["move", "velocity"] as const) {
      expect(found[key].shape).toEqual(shape);
      const gaps = [...found[key].dataSync()].map((value, at) => Math.abs(value - expected[key].flat()[at]!));
      expect(Math.max(...gaps)).toBeLessThan(1e-4);
    }
  });

  test("five steps bring all singular values near 1", () => {
    const g = matrix();
    const { move } = reference({ m: scaled(g, 0), g }, { beta: 0.9, steps: 5 });
    const x = scaled(move, 1 / (0.2 * Math.sqrt(Math.max(inputs, outputs))));
    const gram = inputs > outputs ? times(transposed(x), x) : times(x, transposed(x));
    // The mean of their squares.
    const mean = gram.reduce((total, row, i) => total + row[i]!, 0) / gram.length;
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(1.5);
  });
});

test("is for kernels of convolutions, but not of the first", () => {
  const cases = [
    { name: "conv2d_1/kernel", shape: [3, 3, 16, 32] },
    { name: "conv2d/kernel", shape: [3, 3, 1, 16] },
    { name: "dense/kernel", shape: [128, 7] },
    { name: "separable_conv2d/depthwise_kernel", shape: [3, 3, 16, 1] },
    { name: "separable_conv2d/pointwise_kernel", shape: [1, 1, 16, 32] },
  ];
  expect(cases.map(isForMuon)).toEqual([true, false, false, false, true]);
});
