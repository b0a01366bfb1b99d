import { keyedRandom } from "@fer/core";
import {
  augment,
  type Augmentation,
  AugmentationOptions,
  augmentationsOf,
  erase,
  flip,
  light,
  rotate,
  shift,
  zoom,
} from "../../dist/data/augmentation.js";
import { describe, expect, test } from "vitest";

const shape = { size: 8, channels: 1 };
const ramp = Uint8Array.from({ length: 64 }, (_, i) => (i % 8) * 30 + Math.floor(i / 8));

function apply(augmentations: Augmentation[], source: Uint8Array, next = keyedRandom(1), of = shape): Uint8Array {
  return augment({ pixels: source, ...of }, { augmentations, next });
}

/** An augmentation by value, as users write them. */
const geometry = (...map: [number, number, number, number, number, number]): Augmentation => ({
  name: "own",
  geometry: () => map,
});

describe("augment", () => {
  test("without augmentations copies the picture", () => {
    expect(apply([], ramp)).toEqual(ramp);
  });

  test("a flip mirrors exactly", () => {
    const mirrored = Uint8Array.from(ramp, (_, i) => ramp[Math.floor(i / 8) * 8 + 7 - (i % 8)]!);
    expect(apply([geometry(-1, 0, 0, 0, 1, 0)], ramp)).toEqual(mirrored);
  });

  test("a quarter turn moves every pixel to its place", () => {
    // x' = -y, y' = x: the top left corner shows what was at the top right.
    const turned = Uint8Array.from(ramp, (_, i) => ramp[(i % 8) * 8 + 7 - Math.floor(i / 8)]!);
    expect(apply([geometry(0, -1, 0, 1, 0, 0)], ramp)).toEqual(turned);
  });

  test("a shift by a whole pixel repeats the edge", () => {
    const moved = Uint8Array.from(ramp, (_, i) => ramp[Math.floor(i / 8) * 8 + Math.min(7, (i % 8) + 1)]!);
    expect(apply([geometry(1, 0, 2 / 8, 0, 1, 0)], ramp)).toEqual(moved);
  });

  test("a shift by half a pixel averages neighbours", () => {
    const moved = apply([geometry(1, 0, 1 / 8, 0, 1, 0)], ramp);
    expect([...moved.subarray(0, 8)]).toEqual([15, 45, 75, 105, 135, 165, 195, 210]);
  });

  test("maps are composed in one pass: two half shifts are one whole shift, without blur", () => {
    const half = geometry(1, 0, 1 / 8, 0, 1, 0);
    expect(apply([half, half], ramp)).toEqual(apply([geometry(1, 0, 2 / 8, 0, 1, 0)], ramp));
  });

  test("channels stay apart", () => {
    const colours = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => [10, 100, 200][i % 3]!);
    const turned = apply([geometry(0.9, 0.1, 0.05, -0.1, 0.9, 0)], colours, keyedRandom(1), { size: 8, channels: 3 });
    expect(turned).toEqual(colours);
  });

  test("agrees with bilinear interpolation in double precision to one grey level", () => {
    const next = keyedRandom(9);
    const size = 48;
    const source = Uint8Array.from({ length: size * size }, () => next() * 256);
    const map = [0.93, -0.21, 0.07, 0.19, 1.05, -0.04] as const;
    const found = apply([geometry(...map)], source, next, { size, channels: 1 });
    const [a, b, c, d, e, f] = map;
    const clamp = (value: number) => Math.min(size - 1, Math.max(0, value));
    let worst = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const u = (2 * x + 1) / size - 1;
        const v = (2 * y + 1) / size - 1;
        const sx = clamp(((a * u + b * v + c + 1) * size - 1) / 2);
        const sy = clamp(((d * u + e * v + f + 1) * size - 1) / 2);
        const x0 = Math.min(size - 2, Math.floor(sx));
        const y0 = Math.min(size - 2, Math.floor(sy));
        const at = (row: number, column: number) => source[row * size + column]!;
        const top = at(y0, x0) * (x0 + 1 - sx) + at(y0, x0 + 1) * (sx - x0);
        const bottom = at(y0 + 1, x0) * (x0 + 1 - sx) + at(y0 + 1, x0 + 1) * (sx - x0);
        worst = Math.max(worst, Math.abs(found[y * size + x]! - (top * (y0 + 1 - sy) + bottom * (sy - y0))));
      }
    }
    // Half a level of rounding, and fractions of 1/256 over steps of up to 255 levels.
    expect(worst).toBeLessThan(2.5);
  });
});

describe("each augmentation", () => {
  test.each([
    ["flip", flip(), 1],
    ["shift", shift(0.1), 2],
    ["rotate", rotate(10), 1],
    ["zoom", zoom(0.1), 1],
    ["light", light({ contrast: 0.2, brightness: 0.1 }), 2],
    ["erase", erase(0.5), 5],
  ])("%s draws the same number of times whatever it decides", (_, augmentation, draws) => {
    for (let seed = 0; seed < 20; seed++) {
      let count = 0;
      const stream = keyedRandom(seed);
      apply([augmentation], ramp, () => (count++, stream()));
      expect(count).toBe(draws);
    }
  });

  test("light changes contrast about the mean and keeps within 0..255", () => {
    const bright = apply([light({ contrast: 0, brightness: 1 })], ramp, () => 0.999);
    expect(Math.min(...bright)).toBe(Math.round(0.998 * 255));
    expect(Math.max(...bright)).toBe(255);
  });

  test("erase covers one rectangle with the mean", () => {
    const covered = apply([erase(1)], ramp, keyedRandom(3));
    const changed = covered.filter((value, i) => value !== ramp[i]);
    expect(changed.length).toBeGreaterThan(0);
    expect(new Set(changed)).toEqual(new Set([Math.round(ramp.reduce((a, b) => a + b, 0) / 64)]));
  });

  test("options turn each of them off", () => {
    const off = Object.entries(AugmentationOptions.parse({})).map(([name, value]) => [
      name,
      value === true ? false : 0,
    ]);
    expect(augmentationsOf(AugmentationOptions.parse(Object.fromEntries(off)))).toEqual([]);
    expect(augmentationsOf(AugmentationOptions.parse({})).map(({ name }) => name)).toEqual([
      "flip",
      "rotate",
      "zoom",
      "shift",
      "light",
      "erase",
    ]);
  });
});
