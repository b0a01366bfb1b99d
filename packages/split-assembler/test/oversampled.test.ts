/** Rows of train in which every class is as often as the largest. */
import { readdirSync } from "node:fs";
import { openSet } from "@fer/core/set";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oversampledCount, oversampledRows } from "../dist/oversampled-rows.js";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
// nine happy ones, one sad one, three of the others
const WANTED: Record<string, number> = { happy: 9, sad: 1 };
const images = balancedImages({ perClass: 9, subjects: 4 }).filter(
  ({ id, expression }) => Number(id.slice(-4)) < (WANTED[expression] ?? 3),
);
const data = writeImageFolder(folder.at("data"), images);
let made = 0;
const assemble = (options: Partial<AssemblerInput>) =>
  new Assembler({ name: "mix", to: folder.at(`set-${(made += 1)}`), near: false, page: false, ...options }).assemble([
    data,
  ]);
const counted = (values: Iterable<number>): number[] => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
};

describe("oversampled rows", () => {
  it("have all rows, every class as often as the largest, and none of its rows twice more than another", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(6), { minLength: 1, maxLength: 200 }),
        fc.nat(1000),
        fc.nat(3),
        (list, seed, step) => {
          const labels = Uint8Array.from(list);
          const rows = Uint32Array.from(labels.keys()).filter((row) => row % (step + 1) === 0);
          const all = oversampledRows(labels, { rows, seed });
          expect(new Set(all)).toEqual(new Set(rows));
          const sizes = counted(Array.from(rows, (row) => labels[row]!));
          const most = Math.max(...sizes);
          expect(counted(Array.from(all, (row) => labels[row]!))).toEqual(sizes.map(() => most));
          expect(oversampledCount(Object.fromEntries(sizes.map((size, i) => [i, size])))).toBe(all.length);
          for (const label of new Set(labels)) {
            const times = counted(all.filter((row) => labels[row] === label));
            expect(Math.max(0, ...times) - Math.min(...times, Infinity)).toBeLessThanOrEqual(1);
          }
          expect(oversampledRows(labels, { rows, seed })).toEqual(all);
        },
      ),
    );
  });

  it("of a set stand beside it, and its arrays are as they were", async () => {
    const options = { split: "original", allowMissing: true } as const;
    const [plain, set] = [await assemble(options), await assemble({ ...options, oversample: true })];
    const names = (of: { folder: string }) => readdirSync(of.folder).sort();
    expect(names(set).filter((name) => !names(plain).includes(name))).toEqual(["mix_train_oversampled.npy"]);
    // floor(0.8 n) of each class: 7 happy ones, 2 of five others, no sad one
    const rows = await set.oversampled();
    expect([rows!.length, set.info.oversampled, set.info.seed]).toEqual([6 * 7, 42, 0]);
    const labels = await set.part("train").labels();
    expect(counted(Array.from(rows!, (row) => labels[row]!))).toEqual(Array(6).fill(7));
    expect(await plain.oversampled()).toBeNull();
    (await openSet(`${set.folder}/mix`, { verify: true })).close();
    const other = await assemble({ ...options, oversample: true, seed: 1 });
    expect(await other.oversampled()).not.toEqual(rows);
  });

  it("of folds are rows of the fold's train", async () => {
    const set = await assemble({ split: "subject-modulo", folds: 2, oversample: true, allowMissing: true });
    const labels = await set.part("all").labels();
    for (const fold of [1, 2]) {
      const [rows, { train }] = [await set.oversampled(fold), await set.fold(fold)];
      expect(new Set(rows)).toEqual(new Set(train));
      expect(new Set(counted(Array.from(rows!, (row) => labels[row]!))).size).toBe(1);
    }
    (await openSet(`${set.folder}/mix`, { verify: true })).close();
    set.close();
  });

  it("leave a set that was made without them as it is", async () => {
    const to = folder.at("kept");
    await assemble({ to, split: "ratio", allowMissing: true });
    const again = await assemble({ to, split: "ratio", allowMissing: true, oversample: false });
    expect(again.reused).toBe(true);
    await expect(assemble({ to, split: "ratio", allowMissing: true, oversample: true })).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
    });
  });
});
