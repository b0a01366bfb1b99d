/** Which pictures show the same photo: made textures, and real faces where there are any. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HashIndex } from "@fer/core";
import { type GreyPicture, readPicture, resizeBilinear, toGrey } from "@fer/dataset-extractors/image";
import { photosOf, SKETCH_BYTES, sketchFiles, sketchOf } from "@fer/dataset-extractors/twins";
import { describe, expect, it } from "vitest";

/** xorshift32 */
function numbers(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 12345) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Blobs of light and shadow, such as a face has. */
function texture(seed: number, side = 48): GreyPicture {
  const next = numbers(seed + 1);
  for (let i = 0; i < 10; i++) next(2);
  const blobs = Array.from({ length: 24 }, () => ({
    x: next(100) / 100,
    y: next(100) / 100,
    size: 0.03 + next(100) / 800,
    level: next(161) - 80,
  }));
  const data = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side];
    const light = blobs.reduce(
      (sum, blob) => sum + blob.level * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2)),
      128,
    );
    return Math.min(Math.max(Math.round(light), 0), 255);
  });
  return { width: side, height: side, channels: 1, data };
}

const mapped = (picture: GreyPicture, to: (level: number, i: number) => number): GreyPicture => ({
  ...picture,
  data: picture.data.map((level, i) => Math.min(Math.max(Math.round(to(level, i)), 0), 255)),
});
const resized = (picture: GreyPicture, side: number): GreyPicture =>
  toGrey(resizeBilinear(picture, { width: side, height: side }));
function cut(picture: GreyPicture, { left, top, side }: { left: number; top: number; side: number }): GreyPicture {
  const data = Uint8Array.from(
    { length: side * side },
    (_, i) => picture.data[(top + Math.floor(i / side)) * picture.width + left + (i % side)]!,
  );
  return { width: side, height: side, channels: 1, data };
}

const CHANGES: Record<string, (picture: GreyPicture) => GreyPicture> = {
  "resized to a third more": (picture) => resized(picture, 64),
  cut: (picture) => resized(cut(picture, { left: 1, top: 3, side: 44 }), 48),
  mirrored: (picture) => mapped(picture, (_, i) => picture.data[i - (i % 48) + 47 - (i % 48)]!),
  "brighter and flatter": (picture) => mapped(picture, (level) => 60 + 0.7 * level),
  noisy: (picture) => mapped(picture, (level, i) => level + ((i * 7919) % 13) - 6),
  "resized, cut and brighter": (picture) =>
    mapped(resized(cut(picture, { left: 2, top: 2, side: 44 }), 40), (level) => 20 + 0.9 * level),
};

function sketched(pictures: readonly GreyPicture[]) {
  const sketches = new Uint8Array(pictures.length * SKETCH_BYTES);
  for (const [i, picture] of pictures.entries()) sketches.set(sketchOf(picture), i * SKETCH_BYTES);
  return { sketches, pixels: pictures.map((_, i) => `picture ${i}`) };
}

describe("photosOf", () => {
  const originals = Array.from({ length: 60 }, (_, i) => texture(i));

  it.each(Object.entries(CHANGES))("finds pictures that were %s, and no others", async (_, change) => {
    const all = [...originals, ...originals.map(change)];
    const { photos } = await photosOf(sketched(all));
    const expected = all.map((_, i) => i % originals.length);
    expect([...photos]).toEqual(expected);
  });

  it("compares pictures of different sides only", async () => {
    const all = [...originals, ...originals.map(CHANGES["noisy"]!)];
    const sides = Uint8Array.from(all, (_, i) => (i % originals.length < 30 ? 1 : i < originals.length ? 1 : 2));
    const { photos, pairs } = await photosOf({ ...sketched(all), sides });
    expect([...photos].filter((photo, i) => photo !== i)).toEqual(originals.map((_, i) => i).slice(30));
    expect(pairs).toHaveLength(30);
  });

  it("takes pictures of the same pixels for one photo, also blank ones, and blank ones for no others' twins", async () => {
    const blank = (level: number): GreyPicture => mapped(originals[0]!, (_, i) => level + (i % 3));
    const { sketches } = sketched([blank(0), blank(0), blank(90), originals[1]!]);
    const { photos } = await photosOf({ sketches, pixels: ["black", "black", "grey", "face"] });
    expect([...photos]).toEqual([0, 0, 2, 3]);
  });

  it.each([
    ["black", (i: number) => mapped(originals[0]!, (_, at) => (at * i) % 3)],
    ["all of one photo", (i: number) => mapped(originals[0]!, (level, at) => level + ((at * i) % 7) - 3)],
  ])("takes no quadratic time on ten thousand pictures: %s", { timeout: 120_000 }, async (name, picture) => {
    const some = sketched(Array.from({ length: 100 }, (_, i) => picture(i + 1)));
    const sketches = new Uint8Array(10_000 * SKETCH_BYTES);
    for (let i = 0; i < 100; i++) sketches.set(some.sketches, i * some.sketches.length);
    const pixels = Array.from({ length: 10_000 }, (_, i) => `picture ${i}`);
    const started = performance.now();
    const { photos } = await photosOf({ sketches, pixels });
    expect(new Set(photos).size).toBe(name === "black" ? 10_000 : 1);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it("gives way to a signal", async () => {
    const all = sketched(Array.from({ length: 3000 }, (_, i) => texture(i % 40, 24 + (i % 7))));
    await expect(photosOf(all, { signal: AbortSignal.timeout(1) })).rejects.toThrow("aborted");
  });

  it("sees the pixels only: the order of the pictures changes no photo", async () => {
    const all = [...originals, ...originals.map(CHANGES["cut"]!)];
    const { photos } = await photosOf(sketched(all.toReversed()));
    expect(new Set(photos).size).toBe(originals.length);
  });
});

it("finds the hashes that comparing every pair finds", () => {
  const next = numbers(7);
  const halves = new Uint32Array(2 * 400);
  // around 20 centres, up to ten flipped bits each
  for (let i = 0; i < 400; i++) {
    [halves[2 * i], halves[2 * i + 1]] =
      i < 20 ? [next(2 ** 32), next(2 ** 32)] : [halves[2 * (i % 20)]!, halves[2 * (i % 20) + 1]!];
    if (i >= 20) for (let flip = next(11); flip > 0; flip--) halves[2 * i + next(2)]! ^= 1 << next(32);
  }
  const bits = (value: number): number => (value >>> 0).toString(2).replaceAll("0", "").length;
  const index = new HashIndex(halves);
  for (let i = 0; i < 400; i++) {
    const found: [number, number][] = [];
    index.near({ high: halves[2 * i]!, low: halves[2 * i + 1]! }, (at, distance) => found.push([at, distance]));
    const every = Array.from({ length: 400 }, (_, j): [number, number] => [
      j,
      bits(halves[2 * i]! ^ halves[2 * j]!) + bits(halves[2 * i + 1]! ^ halves[2 * j + 1]!),
    ]).filter(([, distance]) => distance <= 7);
    expect(found.sort(([a], [b]) => a - b)).toEqual(every);
  }
});

describe.skipIf(!process.env["FER_DATA"])("on real faces (FER_DATA)", () => {
  it("finds each of 140 faces in its changed copy, and no other one", { timeout: 120_000 }, async () => {
    const root = join(process.env["FER_DATA"]!, "fer2013-mini", "train");
    const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => file.endsWith(".png")).sort();
    const chosen = files
      .filter((_, i) => i % Math.floor(files.length / 140) === 0)
      .slice(0, 140)
      .map((file) => join(root, file));
    const faces: GreyPicture[] = [];
    for (const file of chosen) faces.push(toGrey(await readPicture(readFileSync(file))));
    const before = await photosOf(sketched(faces));
    const isAlone = (i: number): boolean => before.photos.every((photo, j) => photo !== before.photos[i] || j === i);
    const alone = faces.filter((_, i) => isAlone(i));
    expect(alone.length).toBeGreaterThan(130);
    for (const change of Object.values(CHANGES)) {
      const { photos } = await photosOf(sketched([...alone, ...alone.map(change)]));
      const missed = alone.filter((_, i) => photos[i + alone.length] !== i);
      expect(missed.length).toBeLessThan(0.1 * alone.length);
      expect(new Set(photos).size).toBe(alone.length + missed.length);
    }
    const store = await sketchFiles(chosen, { count: chosen.length, workers: 2, decoder: "jimp" });
    const read = new Uint8Array(store.length);
    store.read(0, read);
    expect(read).toEqual(sketched(faces).sketches);
    expect(await photosOf({ ...sketched(faces), sketches: store })).toEqual(await photosOf(sketched(faces)));
    store.close();
  });
});
