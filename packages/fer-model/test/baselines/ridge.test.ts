import { keyedRandom } from "@fer/core";
import { fitRidge } from "@fer/model";
import { describe, expect, test } from "vitest";
import { majorityClass } from "../../dist/predict/predict-baselines.js";
import { gram, solveSymmetric } from "../../dist/baselines/linear-algebra.js";

describe("fitRidge", () => {
  /** Two classes: grey values around 100 and around 140, the second half of the features swapped. */
  function rows(count: number, features: number, seed: number) {
    const next = keyedRandom(seed);
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const pixels = new Uint8Array(count * features);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < features; j++) {
        const high = labels[i] === (j < features / 2 ? 0 : 1);
        pixels[i * features + j] = (high ? 140 : 100) + next() * 30;
      }
    }
    return { pixels, labels };
  }

  test.each([
    ["dual form: more features than samples", 10, 40],
    ["primal form: more samples than features", 60, 7],
  ])("separates what is linear (%s)", async (_, count, features) => {
    const ridge = await fitRidge(rows(count, features, 1), { classes: 2 });
    const unseen = rows(20, features, 2);
    expect([...ridge.predict(unseen.pixels)]).toEqual(unseen.labels);
  });

  test("both forms give the same classifier where they meet", async () => {
    // One sample more or less than features decides the form; a sample repeated adds almost nothing.
    const train = rows(12, 12, 3);
    const dual = await fitRidge(train, { classes: 2 });
    const primal = await fitRidge(
      { pixels: Uint8Array.from([...train.pixels, ...train.pixels.subarray(0, 24)]), labels: [...train.labels, 0, 1] },
      { classes: 2 },
    );
    const unseen = rows(50, 12, 4).pixels;
    expect([...primal.predict(unseen)]).toEqual([...dual.predict(unseen)]);
  });

  test("stops when aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fitRidge(rows(10, 4, 1), { classes: 2, signal })).rejects.toThrow("enough");
  });

  test.each([
    ["more features than samples", 700, 2304],
    ["more samples than features", 2304, 700],
  ])("lets others have their turn, and hears them (%s)", async (_, count, features) => {
    const train = rows(count, features, 1);
    const stop = new AbortController();
    const timers: number[] = [];
    const every = setInterval(() => timers.push(timers.length), 1);
    setTimeout(() => stop.abort(new Error("enough")), 150);
    await expect(fitRidge(train, { classes: 2, signal: stop.signal })).rejects.toThrow("enough");
    clearInterval(every);
    expect(timers.length).toBeGreaterThan(2);
  });
});

test("solveSymmetric solves what it is given", async () => {
  const next = keyedRandom(6);
  const [n, columns] = [9, 2];
  const rows = Float32Array.from({ length: n * n }, () => next() - 0.5);
  const turn = () => Promise.resolve();
  const a = await gram(rows, { n, turn });
  for (let i = 0; i < n; i++) a[i * n + i]! += 1;
  const x = Float64Array.from({ length: n * columns }, () => next());
  const b = new Float64Array(n * columns);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < columns; c++)
      for (let k = 0; k < n; k++) b[i * columns + c]! += a[i * n + k]! * x[k * columns + c]!;
  await solveSymmetric(a, { b, n, turn });
  for (const [at, value] of x.entries()) expect(b[at]).toBeCloseTo(value, 12);
});

test("gram equals the plain product for sizes that are no multiple of the block", async () => {
  const next = keyedRandom(5);
  const [n, length] = [7, 5];
  const rows = Float32Array.from({ length: n * length }, () => next() - 0.5);
  const found = await gram(rows, { n, turn: () => Promise.resolve() });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += rows[i * length + k]! * rows[j * length + k]!;
      expect(found[i * n + j]).toBeCloseTo(sum, 12);
    }
  }
});

test("the majority class is the most frequent one of train, the first of equal ones", () => {
  expect(majorityClass([2, 1, 2, 1, 0], 3)).toBe(1);
});
