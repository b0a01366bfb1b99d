/** The WebAssembly loops against the same arithmetic in plain JavaScript: equal to the last bit. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { keyedRandom, symmetric } from "@fer/core";
import { type Affine, PixelBench } from "@fer/core/inference";
import { describe, expect, test } from "vitest";

const SHAPES = [
  { size: 48, channels: 1 },
  { size: 48, channels: 3 },
  { size: 31, channels: 1 },
  { size: 7, channels: 3 },
  { size: 2, channels: 1 },
  { size: 1, channels: 1 },
  { size: 224, channels: 1 },
];

function pictureOf({ size, channels }: { size: number; channels: number }, seed: number): Uint8Array {
  const next = keyedRandom(seed, "picture", size, channels);
  return Uint8Array.from({ length: size * size * channels }, () => next() * 256);
}

/** Maps of the strength that training has, and far beyond it. */
function mapsOf(count: number): Affine[] {
  const next = keyedRandom(5, "maps");
  return Array.from({ length: count }, (_, i): Affine => {
    const strength = i % 3 === 2 ? 8 : 1;
    const angle = symmetric(next) * 0.2 * strength;
    const zoom = 1 + symmetric(next) * 0.1 * strength;
    const mirror = next() < 0.5 ? -1 : 1;
    const shift = (): number => symmetric(next) * 0.16 * strength;
    const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
    return [mirror * cos, -sin, shift(), mirror * sin, cos, shift()];
  });
}

describe.each(SHAPES)("pictures of $size x $size x $channels", (shape) => {
  const bench = new PixelBench(shape);

  test("warp", () => {
    for (const [seed, map] of mapsOf(shape.size > 100 ? 30 : 300).entries()) {
      const picture = pictureOf(shape, seed);
      bench.source.set(picture);
      bench.warp(map);
      expect(Buffer.from(bench.out).equals(warped(picture, map, shape))).toBe(true);
    }
  });

  test("standardize, tone and blend", () => {
    const next = keyedRandom(6, "tone");
    for (let seed = 0; seed < 50; seed++) {
      const picture = pictureOf(shape, seed).map((grey) => 100 + grey * next() * 0.6);
      bench.source.set(picture);
      bench.standardize();
      expect(Buffer.from(bench.source).equals(standardized(picture))).toBe(true);
      const [factor, offset, share] = [1 + symmetric(next), symmetric(next) * 100, next()];
      bench.out.set(picture);
      bench.tone({ factor, offset });
      expect(Buffer.from(bench.out).equals(toned(picture, factor, offset))).toBe(true);
      const other = pictureOf(shape, seed + 1000);
      bench.source.set(picture);
      bench.out.set(other);
      bench.blend(share);
      const blended = picture.map((grey, i) => grey * share + other[i]! * (1 - share) + 0.5);
      expect(Buffer.from(bench.out).equals(blended)).toBe(true);
    }
  });
});

test("the module is the compiled source", () => {
  const script = fileURLToPath(new URL("../../scripts/build-pixels.mjs", import.meta.url));
  expect(execFileSync(process.execPath, [script, "--check"], { encoding: "utf8" })).toBe("");
});

function standardized(picture: Uint8Array): Uint8Array {
  const mean = sumOf(picture) / picture.length;
  const squares = picture.reduce((sum, grey) => sum + grey * grey, 0);
  const deviation = Math.sqrt(Math.max(0, squares / picture.length - mean * mean));
  const factor = deviation === 0 ? 0 : 56 / deviation;
  return Uint8Array.from(Uint8ClampedArray.from(picture, (grey) => (grey - mean) * factor + 128));
}

// oxlint-disable-next-line max-params -- numeric inner loop
function toned(picture: Uint8Array, factor: number, offset: number): Uint8Array {
  const mean = sumOf(picture) / picture.length;
  return Uint8Array.from(Uint8ClampedArray.from(picture, (grey) => (grey - mean) * factor + mean + offset));
}

const sumOf = (picture: Uint8Array): number => picture.reduce((sum, grey) => sum + grey, 0);

/** The pass as it was written in JavaScript first: 16.16 fixed point, positions outside take the nearest edge pixel. */
// oxlint-disable-next-line max-params -- numeric inner loop
function warped(source: Uint8Array, map: Affine, { size, channels }: { size: number; channels: number }): Uint8Array {
  const ONE = 65536;
  const [a, b, c, d, e, f] = map;
  const half = size / 2;
  const start = 0.5 - half;
  const x0 = Math.round((a * start + b * start + c * half + half - 0.5) * ONE);
  const y0 = Math.round((d * start + e * start + f * half + half - 0.5) * ONE);
  const [ax, bx, dy, ey] = [a, b, d, e].map((each) => Math.round(each * ONE)) as [number, number, number, number];
  const out = new Uint8Array(source.length);
  // oxlint-disable-next-line max-params -- numeric inner loop
  const at = (y: number, x: number, channel: number): number =>
    source[(clamp(y, size) * size + clamp(x, size)) * channels + channel]!;
  let to = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const px = x0 + row * bx + column * ax;
      const py = y0 + row * ey + column * dy;
      const [x, y, fx, fy] = [px >> 16, py >> 16, (px >> 8) & 255, (py >> 8) & 255];
      for (let channel = 0; channel < channels; channel++) {
        const top = at(y, x, channel) * (256 - fx) + at(y, x + 1, channel) * fx;
        const bottom = at(y + 1, x, channel) * (256 - fx) + at(y + 1, x + 1, channel) * fx;
        out[to++] = (top * (256 - fy) + bottom * fy + 32768) >> 16;
      }
    }
  }
  return out;
}

const clamp = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
