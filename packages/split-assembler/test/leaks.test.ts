/** Twins of held-out pictures in train: counted, taken out and listed, or refused. Val and test stay as they are. */
import { readFileSync } from "node:fs";
import { openSet } from "@fer/core/set";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, it } from "vitest";
import { leakedTraining } from "../dist/leaked-training.js";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, type FixtureImage, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
/** Of six images of a class the first three train, two validate and the last is tested; 1 has the pixels of 5, 0 of 3 and 5. */
const SPLITS = ["train", "train", "train", "val", "val", "test"] as const;
const images = balancedImages({ perClass: 6, split: (i) => SPLITS[i]! }).map((image): FixtureImage => {
  const [name, i] = [image.id.slice(0, -1), image.id.at(-1)];
  if (image.expression === "happy" && (i === "1" || i === "5")) return Object.assign(image, { pixels: `${name}-twin` });
  if (image.expression === "sad" && (i === "0" || i === "3" || i === "5"))
    return Object.assign(image, { pixels: `${name}-twin` });
  return image;
});
const data = (): string => writeImageFolder(folder.at("data"), images);
let sets = 0;
const assemble = async (options: Partial<AssemblerInput>) => {
  const set = await new Assembler({ name: "mix", to: folder.at(`set-${(sets += 1)}`), ...options }).assemble([data()]);
  set.close();
  return set;
};
const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("leaks", () => {
  it("are counted, whatever becomes of them", async () => {
    const { info } = await assemble({ split: "official" });
    expect([info.leaks.exact, info.parts.train!.count, info.thinned]).toEqual([3, 21, undefined]);
  });

  it("go out of train and are listed; val and test keep their bytes", async () => {
    const before = await assemble({ split: "official" });
    const after = await assemble({ split: "official", leaks: "drop-from-train" });
    expect([after.info.leaks, after.info.thinned, after.info.parts.train!.count]).toEqual([
      { ...before.info.leaks, exact: 0, near: 0, conflicts: 0 },
      { exact: 2, near: 0 },
      19,
    ]);
    const dropped = lines(`${after.folder}/mix_dropped.jsonl`).map(({ id, kind, twin, fold }) => [
      id,
      kind,
      twin,
      fold,
    ]);
    expect(dropped).toEqual([
      ["happy-0001", "exact", "fixture/test/happy/happy-0005.png", null],
      ["sad-0000", "exact", "fixture/test/sad/sad-0005.png", null],
    ]);
    for (const part of ["val", "test"])
      for (const ending of ["images.npy", "labels.npy"]) {
        const [a, b] = [before, after].map((set) => readFileSync(`${set.folder}/mix_${part}_${ending}`));
        expect(a!.equals(b!)).toBe(true);
      }
    (await openSet(`${after.folder}/mix`, { verify: true })).close();
  });

  it("go out of train fold by fold, and stay in the fold that tests them", async () => {
    const { info, folder: at } = await assemble({ split: "kfold", folds: 3, leaks: "drop-from-train" });
    expect([info.parts.all!.count, info.leaks.exact, info.leaks.near]).toEqual([42, 0, 0]);
    expect(info.folds!.reduce((sum, { test }) => sum + test.count, 0)).toBe(42);
    const list = lines(`${at}/mix_dropped.jsonl`);
    expect(list).toHaveLength(info.thinned!.exact + info.thinned!.near);
    for (const [index, { train, test }] of info.folds!.entries())
      expect(train.count + test.count + list.filter(({ fold }) => fold === index + 1).length).toBe(42);
  });

  it("are refused where they are to fail; without any, the set is made", async () => {
    expect(await folder.messageOf(() => assemble({ split: "official", leaks: "fail" }))).toMatchInlineSnapshot(
      `"assemble: 3 images of val and test have an exact copy in train, 0 nearly one, and 1 groups are on both sides. Expected nothing on both sides, since leaks are to fail. Use another policy, or take copies out of train: leaks drop-from-train (--leaks drop-from-train)."`,
    );
    const clean = writeImageFolder(folder.at("clean"), balancedImages());
    const options = { name: "mix", to: folder.at("clean-set"), split: "subject", leaks: "fail" } as const;
    const set = await new Assembler(options).assemble([clean]);
    expect(set.info.leaks).toMatchObject({ exact: 0, groups: 0 });
    set.close();
  });

  it("of the policy original leave train, and stay in full", async () => {
    const { info } = await assemble({ split: "original", leaks: "drop-from-train" });
    expect([info.parts.full!.count, info.leaks.exact]).toEqual([42, 0]);
    expect(info.parts.train!.count).toBeLessThan(28);
  });

  it("between datasets are told apart: two that share pictures say so", async () => {
    const other = writeImageFolder(
      folder.at("other"),
      balancedImages({ prefix: "o-" }).map((image) => Object.assign(image, { pixels: image.id.slice(2) })),
      { adapter: "ferplus" },
    );
    const plan = await new Assembler({ name: "mix", to: folder.at("both"), split: "ratio" }).plan([data(), other]);
    // of 35 pictures all but the two that the data have under another name
    expect(plan.sharedPictures).toEqual([{ datasets: ["ferplus", "fixture"], pictures: 32 }]);
    expect((await new Assembler({ name: "mix", split: "ratio" }).plan([data()])).sharedPictures).toBeUndefined();
    // a dataset and one that holds it
    const part = writeImageFolder(folder.at("part"), balancedImages({ perClass: 2 }), { adapter: "ferplus" });
    const whole = writeImageFolder(folder.at("whole"), balancedImages({ perClass: 4 }), { adapter: "fer2013" });
    const held = await new Assembler({ name: "mix", to: folder.at("held"), split: "ratio" }).plan([part, whole]);
    expect(held.sharedPictures).toEqual([{ datasets: ["fer2013", "ferplus"], pictures: 14, allOf: ["ferplus"] }]);
  });

  it.each([
    ["afew", "sfew2", "clip"],
    ["ckplus", "ckplus", "subject"],
  ] as const)("of %s in %s are found by the group space that they share", async (one, other, groupKind) => {
    const { groupSpace } = adapters[one]!;
    expect(adapters[other]!.groupSpace).toBe(groupSpace);
    // other pictures of four of the five
    const write = (prefix: string, { adapter, subjects }: { adapter: string; subjects: number }) =>
      writeImageFolder(folder.at(`${prefix}${adapter}`), balancedImages({ prefix, subjects, perClass: 5 }), {
        adapter,
        form: prefix,
        groupKind,
        groupSpace,
      });
    const from = [write("a-", { adapter: one, subjects: 5 }), write("b-", { adapter: other, subjects: 4 })];
    const test = [one === other ? `${other}-2` : other];
    const options = { name: "mix", split: "cross-dataset", test, near: false } as const;
    const { leaks } = await new Assembler({ ...options, to: folder.at(`space-${one}`) }).plan(from);
    expect(leaks).toMatchObject({ exact: 0, groups: 4 });
    expect(await folder.messageOf(() => new Assembler({ ...options, leaks: "fail" }).plan(from))).toContain(
      "4 groups are on both sides",
    );
  });

  it("of one photo that was saved twice are near: counted, taken out and listed", async () => {
    const shot = balancedImages({ perClass: 4, split: (i) => (i === 3 ? "test" : "train") }).map(
      (image): FixtureImage => {
        if (image.id === "happy-0000") return Object.assign(image, { pixels: "happy-twin" });
        return image.id === "happy-0003" ? Object.assign(image, { pixels: "happy-twin", zoom: 2 }) : image;
      },
    );
    const from = writeImageFolder(folder.at("shot"), shot);
    const of = async (options: Partial<AssemblerInput>) => {
      const to = folder.at(`shot-${(sets += 1)}`);
      const set = await new Assembler({ name: "shot", split: "official", to, ...options }).assemble([from]);
      set.close();
      return set;
    };
    expect((await of({})).info.leaks).toMatchObject({ exact: 0, near: 1 });
    expect((await of({ near: false })).info.leaks).toMatchObject({ exact: 0, near: null });
    const { info, folder: at } = await of({ leaks: "drop-from-train" });
    expect([info.leaks.near, info.thinned]).toEqual([0, { exact: 0, near: 1 }]);
    expect(lines(`${at}/shot_dropped.jsonl`)).toMatchObject([
      { id: "happy-0000", kind: "near", twin: "fixture/test/happy/happy-0003.png" },
    ]);
    expect(await folder.messageOf(() => of({ leaks: "fail" }))).toContain(
      "0 images of val and test have an exact copy in train, 1 nearly one",
    );
  });

  it("take no quadratic time on ten thousand pictures of one photo", () => {
    const positions = Array.from({ length: 20_000 }, (_, i) => i);
    const same = { pixels: positions, photos: new Uint32Array(20_000) };
    const sides = { train: positions.slice(10_000), heldOut: positions.slice(0, 10_000) };
    const started = performance.now();
    const leaked = leakedTraining(same, sides);
    expect(leaked).toHaveLength(10_000);
    expect(leaked[0]).toEqual({ sample: 10_000, twin: 0, kind: "near" });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
