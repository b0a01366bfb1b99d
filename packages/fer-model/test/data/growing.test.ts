/** Images that grow. */
import { describe, expect, test } from "vitest";
import { keyedRandom } from "@fer/core";
import { edgeIn, epochsByEdge, Shrinker, smallEpochs } from "../../dist/data/growing.js";

describe("edgeIn", () => {
  const edges = (growth: Parameters<typeof edgeIn>[1]) =>
    Array.from({ length: growth.epochs }, (_, epoch) => edgeIn(epoch + 1, growth));

  test("gives each size as many epochs, and the rest whole images", () => {
    expect(edges({ sizes: [24, 36], sizesUntil: 0.5, epochs: 8 })).toEqual([24, 24, 36, 36, null, null, null, null]);
    expect(edges({ sizes: [8, 9, 10], sizesUntil: 0.7, epochs: 10 })).toEqual([
      8,
      8,
      8,
      9,
      9,
      10,
      10,
      null,
      null,
      null,
    ]);
    expect(edges({ sizes: null, sizesUntil: 0.5, epochs: 3 })).toEqual([null, null, null]);
  });

  test("leaves one epoch whole at least", () => {
    expect(smallEpochs({ sizes: [4], sizesUntil: 0.999, epochs: 3 })).toBe(2);
    expect(edges({ sizes: [4, 5, 6], sizesUntil: 0.5, epochs: 2 })).toEqual([4, null]);
    expect(edges({ sizes: [4], sizesUntil: 0.5, epochs: 1 })).toEqual([null]);
  });
});

test("epochsByEdge counts them", () => {
  for (const sizes of [null, [24], [24, 36], [8, 9, 10]]) {
    for (let epochs = 1; epochs < 40; epochs++) {
      const growth = { sizes, sizesUntil: 0.7, epochs };
      const counts = new Map<number | null, number>([null, ...(sizes ?? [])].map((edge) => [edge, 0]));
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const edge = edgeIn(epoch, growth);
        counts.set(edge, counts.get(edge)! + 1);
      }
      expect(epochsByEdge(growth)).toEqual(counts);
    }
  }
});

describe("Shrinker", () => {
  test("takes the mean of the area under each pixel", () => {
    const halves = new Shrinker({ from: 4, to: 2, channels: 1 });
    const picture = Uint8Array.of(0, 10, 20, 30, 2, 12, 22, 33, 100, 100, 0, 0, 100, 101, 0, 1);
    expect([...halves.shrunk(picture)]).toEqual([6, 26, 100, 0]);
    // 1.5 pixels each: (2 * 30 + 60) / 3 and (60 + 2 * 90) / 3, in either direction
    const parts = new Shrinker({ from: 3, to: 2, channels: 1 });
    expect([...parts.shrunk(Uint8Array.of(30, 60, 90, 30, 60, 90, 30, 60, 90))]).toEqual([40, 80, 40, 80]);
    expect([...parts.shrunk(Uint8Array.of(30, 30, 30, 60, 60, 60, 90, 90, 90))]).toEqual([40, 40, 80, 80]);
  });

  test("keeps colours and pictures apart", () => {
    const pictures = Uint8Array.from([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 9, 8, 7, 9, 8, 7, 9, 8, 7, 9, 8, 7]);
    expect([...new Shrinker({ from: 2, to: 1, channels: 3 }).shrunk(pictures)]).toEqual([1, 2, 3, 9, 8, 7]);
  });

  test.each([
    [48, 24],
    [48, 36],
    [48, 31],
    [40, 7],
    [9, 8],
  ])("every pixel of %i counts alike in %i", (from, to) => {
    const next = keyedRandom(1, from, to);
    const flat = new Uint8Array(from * from).fill(137);
    const shrinker = new Shrinker({ from, to, channels: 1 });
    expect(new Set(shrinker.shrunk(flat))).toEqual(new Set([137]));
    const noise = Uint8Array.from({ length: from * from }, () => next() * 256);
    const mean = (values: Uint8Array): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.abs(mean(shrinker.shrunk(noise)) - mean(noise))).toBeLessThan(0.2);
  });
});
