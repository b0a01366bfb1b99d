/** A plan writes nothing; and whether val and test of a new set hold what another set trains on. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readTrainingIndex, RunFolder, seenIndexFiles, writeTrainingIndex } from "@fer/core/run";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
const old = writeImageFolder(
  folder.at("old"),
  balancedImages({ subjects: 5, split: (i) => (i < 3 ? "train" : i < 4 ? "val" : "test") }),
  { adapter: "ckplus" },
);
/** Two images of each class are those of the old data under other names, one of them of its test part. */
const fresh = writeImageFolder(
  folder.at("fresh"),
  balancedImages({ subjects: 6, perClass: 6, prefix: "new-" }).map((image) => {
    const [, expression, i] = /^new-(.*)-000(\d)$/.exec(image.id)!;
    return Object.assign(image, i === "0" || i === "4" ? { pixels: `${expression}-000${i}` } : {});
  }),
  { adapter: "folders", groupSpace: "ckplus" },
);
let sets = 0;
const options = (more: Partial<AssemblerInput> = {}): AssemblerInput => ({
  name: "mix",
  to: folder.at(`set-${(sets += 1)}`),
  ...more,
});

describe("against", () => {
  it("counts the images and groups of val and test that the other set trains on", async () => {
    const trained = await new Assembler(options({ split: "official" })).assemble([old]);
    const path = `${trained.folder}/mix`;
    const given = options({ split: "leave-one-subject-out", against: [path] });
    const set = await new Assembler(given).assemble([fresh]);
    expect(set.info.against).toEqual([
      { set: "mix", fingerprint: trained.info.fingerprint, exact: 7, near: 0, groups: 4 },
    ]);
    const list = folder.at("list.json");
    const ids = (...of: number[]) =>
      balancedImages({ prefix: "new-" }).flatMap(({ id }) => (of.includes(Number(id.at(-1))) ? [id] : []));
    writeFileSync(list, JSON.stringify({ train: ids(0, 1, 2), test: ids(4) }));
    const listed = options({ split: "from-file", splitFile: list, against: [path], leaks: "fail" });
    const { against } = await new Assembler({ ...listed, leaks: "report" }).plan([fresh]);
    expect(against).toMatchObject([{ exact: 0, near: 0, groups: 0 }]);
    const refused = new Assembler({ ...given, leaks: "fail" }).plan([fresh]);
    await expect(refused).rejects.toMatchObject({
      code: "LEAKS",
      message: expect.stringContaining("of mix 7 images and 4 groups"),
    });
    for (const each of [trained, set]) each.close();
  });

  it("counts what the model of a run has seen; a run that does not say so is unknown, never 0", async () => {
    const config = {
      schema: 1,
      options: {},
      seed: 1,
      engine: { name: "cpu", reason: "asked for", device: "CPU", version: "1" },
      versions: {},
      commit: null,
      data: { name: "mix", fingerprint: "ab", policy: "official" },
      fold: null,
      samples: { train: 1, val: 0, test: 0 },
    };
    mkdirSync(folder.at("run"));
    writeFileSync(folder.at("run/config.json"), JSON.stringify(config));
    const plan = () =>
      new Assembler(options({ split: "leave-one-subject-out", against: [folder.at("run")] })).plan([fresh]);
    expect(await folder.messageOf(plan)).toMatchInlineSnapshot(
      `"<root>/run: a run that does not say what it has seen: it was made by an early version. Expected a run that does, or a set. Pass the set that it was trained on, as <folder>/<name>."`,
    );
    const trained = await new Assembler(options({ split: "official" })).assemble([old]);
    await writeTrainingIndex(folder.at("run"), { samples: trained.part("train").rows(), hashes: [] });
    trained.close();
    expect((await plan()).against).toMatchObject([{ set: "run", exact: 7, near: 0, groups: 3 }]);
    // an exported model says the same of its run
    const index = await readTrainingIndex(await RunFolder.open(folder.at("run")));
    mkdirSync(folder.at("export"));
    for (const [name, bytes] of Object.entries(seenIndexFiles(index!)))
      writeFileSync(folder.at(`export/${name}`), bytes);
    const held = options({ split: "leave-one-subject-out", against: [folder.at("export")] });
    expect((await new Assembler(held).plan([fresh])).against).toMatchObject([
      { set: "export", exact: 7, near: 0, groups: 3 },
    ]);
  });

  it("counts pictures that are nearly those of another set, or that a run has seen, by difference hash", async () => {
    // the same pictures, each pixel twice across and down: another hash of pixels, the same of differences
    const larger = balancedImages({ subjects: 0, prefix: "zoom-" }).map((image) =>
      Object.assign(image, { zoom: 2, pixels: image.id.slice("zoom-".length) }),
    );
    const zoomed = writeImageFolder(folder.at("zoomed"), larger, { adapter: "jaffe" });
    const trained = await new Assembler(options({ split: "official", size: 40 })).assemble([old]);
    const plan = (path: string, more: Partial<AssemblerInput> = {}) =>
      new Assembler(options({ split: "kfold", folds: 2, against: [path], near: false, ...more })).plan([zoomed]);
    const isTrained = trained.info.parts.train!.count + trained.info.parts.val!.count;
    expect((await plan(`${trained.folder}/mix`)).against).toMatchObject([{ exact: 0, near: isTrained, groups: 0 }]);
    expect(await folder.messageOf(() => plan(`${trained.folder}/mix`, { leaks: "fail" }))).toContain(
      `of mix 0 images, ${isTrained} nearly so, and 0 groups`,
    );
    trained.close();
  });
});

describe("a plan", () => {
  it("is the description of the set that would be made, and writes nothing", async () => {
    const given = options({ split: "subject", valShare: 0.2 });
    const plan = await new Assembler(given).plan([fresh]);
    expect(existsSync(given.to!)).toBe(false);
    const set = await new Assembler(given).assemble([fresh]);
    const { fingerprint: _, ...made } = set.info;
    expect(JSON.parse(JSON.stringify(plan))).toEqual(made);
    set.close();
  });
});
