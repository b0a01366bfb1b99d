import { keyedRandom } from "@fer/core";
import { fitRidge, majorityBaseline } from "@fer/model";
import { describe, expect, test } from "vitest";
import { gram } from "../../dist/baselines/gram.js";

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
});

test("gram equals the plain product for sizes that are no multiple of the block", async () => {
  const next = keyedRandom(5);
  const [n, length] = [7, 5];
  const rows = Float32Array.from({ length: n * length }, () => next() - 0.5);
  const found = await gram(rows, n, length);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += rows[i * length + k]! * rows[j * length + k]!;
      expect(found[i * n + j]).toBeCloseTo(sum, 12);
    }
  }
});

test("majorityBaseline predicts the most frequent class of train, the first of equal ones", () => {
  expect([...majorityBaseline([2, 1, 2, 1, 0], 3, 3)]).toEqual([1, 1, 1]);
});
