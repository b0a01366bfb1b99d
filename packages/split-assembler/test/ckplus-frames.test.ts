/** The 327 CK+ frames of examples/data: policy `original` as the original framework cut them, and people kept apart. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { Assembler } from "@fer/split-assembler";
import { load } from "npyjs";
import { beforeAll, describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";

const frames = fileURLToPath(new URL("../../../examples/data/ckplus", import.meta.url));
const folder = testFolder();
const data = folder.at("data/ckplus");
/** Frames of each class, folders 0..6. */
const FULL = [50, 45, 59, 24, 59, 28, 62];

beforeAll(async () => {
  const map = { 0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happy", 5: "sad", 6: "surprise" };
  await extract({ adapter: "ckplus", from: frames, to: data, options: { map } });
});

describe("policy original on the 327 frames", () => {
  it("writes floor(0.8 n) of each class into train, the rest into test, under the original's names", async () => {
    const to = folder.at("features");
    const set = await new Assembler({ name: "ckplus", to, split: "original" }).assemble([data]);
    const counts = (part: "full" | "train" | "test"): number[] => Object.values(set.info.parts[part]!.perClass);
    expect(counts("full")).toEqual(FULL);
    expect(counts("train")).toEqual(FULL.map((n) => Math.floor(0.8 * n)));
    expect(counts("test")).toEqual(FULL.map((n) => n - Math.floor(0.8 * n)));
    expect(
      readdirSync(to)
        .filter((name) => name.endsWith(".npy"))
        .sort(),
    ).toEqual(["full", "test", "train"].flatMap((part) => [`ckplus_${part}_images.npy`, `ckplus_${part}_labels.npy`]));
    for (const [part, n] of [
      ["full", 327],
      ["train", 260],
      ["test", 67],
    ] as const) {
      const images = await load(readFileSync(folder.at("features", `ckplus_${part}_images.npy`)));
      expect(images).toMatchObject({ shape: [n, 48, 48, 1], data: expect.any(Float32Array) });
      const labels = await load(readFileSync(folder.at("features", `ckplus_${part}_labels.npy`)));
      expect(labels).toMatchObject({ shape: [n, 7], data: expect.any(Float32Array) });
    }
    expect(set.info.leaks.groups).toBeGreaterThan(0);
  });
});

describe("policy subject on the 327 frames", () => {
  it.each([0, 1, 2, 3, 4])(
    "keeps people apart and each class within 1.5 frames of its fifth (seed %i)",
    async (seed) => {
      const set = await new Assembler({ name: `subject-${seed}`, to: folder.at("features"), seed }).assemble([data]);
      expect(set.info.leaks).toMatchObject({ exact: 0, groups: 0, conflicts: 0 });
      const off = Object.values(set.info.parts.test!.perClass).map((n, label) => Math.abs(n - FULL[label]! / 5));
      expect(Math.max(...off)).toBeLessThanOrEqual(1.5);
    },
  );
});
