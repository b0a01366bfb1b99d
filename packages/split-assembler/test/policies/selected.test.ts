/** Policies that are told what to take: `official` with selectors, `cross-dataset`, and the splits of a list. */
import { writeFileSync } from "node:fs";
import type { Split } from "@fer/core/image-folder";
import { openSet } from "@fer/core/set";
import { Assembler, type AssemblerInput, policies, type SplitItem, type SplitSettings } from "@fer/split-assembler";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

fc.configureGlobal({ seed: 2026 });
const folder = testFolder();
const { messageOf } = folder;
const SETTINGS: SplitSettings = { seed: 1, valShare: 0, testShare: 0.2, groupKind: "subject" };

const item = (dataset: string, split: Split, i: number): SplitItem => ({
  key: `${dataset}/${split}/${String(i).padStart(3, "0")}.png`,
  id: `${split}-${i}`,
  label: i % 7,
  group: `${dataset}/S${i % 5}`,
  split,
});
const dataset = (name: string, ...splits: Split[]): SplitItem[] =>
  splits.flatMap((split) => Array.from({ length: 20 }, (_, i) => item(name, split, i)));

/** Samples by part and origin. */
function origins(items: readonly SplitItem[], parts: readonly (readonly string[])[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [i, { key }] of items.entries()) {
    const name = `${parts[i]![0] ?? "none"} ${key.split("/").slice(0, 2).join("/")}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe("official", () => {
  const official = (items: SplitItem[], given: Partial<SplitSettings> = {}) =>
    origins(items, policies.official.assign(items, { ...SETTINGS, ...given }));

  it("tests the owner's val where he labels no test part, dataset by dataset", () => {
    const items = [...dataset("sfew", "train", "val"), ...dataset("fer2013", "train", "val", "test")];
    expect(official(items)).toEqual({
      "train sfew/train": 20,
      "test sfew/val": 20,
      "train fer2013/train": 20,
      "val fer2013/val": 20,
      "test fer2013/test": 20,
    });
  });

  it("carves validation out of train then, whole groups", () => {
    const items = dataset("sfew", "train", "val");
    const parts = policies.official.assign(items, { ...SETTINGS, valShare: 0.2 });
    expect(origins(items, parts)).toEqual({ "train sfew/train": 16, "val sfew/train": 4, "test sfew/val": 20 });
    const groups = (part: string) => new Set(items.flatMap((of, i) => (parts[i]![0] === part ? [of.group] : [])));
    expect([...groups("val")].filter((group) => groups("train").has(group))).toEqual([]);
  });

  it("takes what the selectors say, and leaves out the rest", () => {
    const items = dataset("fer2013", "train", "val", "test");
    expect(official(items, { test: ["val"], valFrom: ["train"], valShare: 0.4 })).toEqual({
      "train fer2013/train": 12,
      "val fer2013/train": 8,
      "test fer2013/val": 20,
      "none fer2013/test": 20,
    });
    expect(official(items, { train: ["train", "fer2013/val"] })).toEqual({
      "train fer2013/train": 20,
      "train fer2013/val": 20,
      "test fer2013/test": 20,
    });
  });

  it("refuses a selector that takes nothing, one image on two sides, and a share where validation is there", async () => {
    const items = dataset("fer2013", "train", "val", "test");
    const refused = (given: Partial<SplitSettings>) => messageOf(() => official(items, given));
    expect(await refused({ test: ["rafdb"] })).toMatchInlineSnapshot(
      `"assembler options: test: "rafdb" takes no image. Expected a part, a dataset or a part of one that the images are in: fer2013/test (20), fer2013/train (20), fer2013/val (20)."`,
    );
    expect(await refused({ train: ["fer2013"] })).toMatchInlineSnapshot(
      `"assembler options: test and train both take "fer2013/test/000.png". Expected every image in one part."`,
    );
    expect(await refused({ valShare: 0.1 })).toMatchInlineSnapshot(
      `"assembler options: valShare 0.1, and validation is fer2013/val. Expected a share of what is trained on, or validation that its owner set apart. Leave valShare (--val-share) out, or set valFrom (--val-from) to train."`,
    );
  });
});

describe("cross-dataset", () => {
  const items = [...dataset("ckplus", "all"), ...dataset("rafdb", "train", "test"), ...dataset("jaffe", "all")];
  const across = (given: Partial<SplitSettings>) =>
    origins(items, policies["cross-dataset"].assign(items, { ...SETTINGS, ...given }));

  it("trains on all other datasets, or on those that are named", () => {
    expect(across({ test: ["jaffe"] })).toEqual({
      "train ckplus/all": 20,
      "train rafdb/train": 20,
      "train rafdb/test": 20,
      "test jaffe/all": 20,
    });
    expect(across({ test: ["jaffe"], train: ["rafdb/train"], valFrom: ["rafdb/test"] })).toEqual({
      "none ckplus/all": 20,
      "train rafdb/train": 20,
      "val rafdb/test": 20,
      "test jaffe/all": 20,
    });
  });

  it("has every image of a dataset on one side, whatever is tested", () => {
    const names = ["ckplus", "rafdb", "jaffe"];
    fc.assert(
      fc.property(fc.subarray(names, { minLength: 1, maxLength: 2 }), fc.nat(100), (test, seed) => {
        const parts = policies["cross-dataset"].assign(items, { ...SETTINGS, test, seed, valShare: 0.2 });
        for (const [i, { key }] of items.entries())
          expect(parts[i]![0] === "test").toBe(test.includes(key.split("/")[0]!));
        const turned = policies["cross-dataset"].assign(items.toReversed(), { ...SETTINGS, test, seed, valShare: 0.2 });
        expect(turned.toReversed()).toEqual(parts);
      }),
    );
  });

  it("refuses one dataset, none to train on, one on both sides, and nothing said", async () => {
    const refused = (given: Partial<SplitSettings>, of = items) =>
      messageOf(() => policies["cross-dataset"].assign(of, { ...SETTINGS, ...given }));
    expect(await refused({})).toMatchInlineSnapshot(
      `"split policy cross-dataset: it is not said what is tested. Expected a dataset. Set test (--test) to one of ckplus, jaffe, rafdb."`,
    );
    expect(await refused({ test: ["ckplus"] }, dataset("ckplus", "all"))).toMatchInlineSnapshot(
      `"split policy cross-dataset: all images are from ckplus. Expected two datasets or more. Name the folder of another one as well."`,
    );
    expect(await refused({ test: ["all", "rafdb"] })).toMatchInlineSnapshot(
      `"split policy cross-dataset: every dataset is tested, and none is left to train on. Expected other datasets in train than in test. Name whole datasets, or use the policy official."`,
    );
    expect(await refused({ test: ["rafdb/test"], train: ["rafdb/train"] })).toMatchInlineSnapshot(
      `"split policy cross-dataset: rafdb is on both sides. Expected other datasets in train than in test. Name whole datasets, or use the policy official."`,
    );
  });
});

describe("the split of a list", () => {
  const data = (): string => writeImageFolder(folder.at("data"), balancedImages({ perClass: 4, subjects: 4 }));
  const write = (name: string, text: string): string => {
    writeFileSync(folder.at(name), text);
    return folder.at(name);
  };
  let sets = 0;
  const assemble = async (options: Partial<AssemblerInput>, from = data()) => {
    const set = await new Assembler({ name: "mix", to: folder.at(`list-${(sets += 1)}`), ...options }).assemble([from]);
    set.close();
    return set;
  };
  const ids = (suffix: number): string[] =>
    balancedImages({ perClass: 4 }).flatMap(({ id }) => (id.endsWith(`000${suffix}`) ? [id] : []));

  it("of a table with ids: what it does not name is left out", async () => {
    const rows = [...ids(0).map((id) => `${id},test`), ...[1, 2].flatMap(ids).map((id) => `${id},train`)];
    const splitFile = write("parts.csv", `sample,part\n${rows.join("\n")}\n`);
    const { info, folder: at } = await assemble({ split: "from-file", splitFile });
    expect([info.parts.train!.count, info.parts.test!.count, info.leftOut]).toEqual([14, 7, { "fixture/all": 7 }]);
    const set = await openSet(`${at}/mix`, { verify: true });
    const tested: string[] = [];
    for await (const { id } of set.part("test").rows()) tested.push(id);
    expect(tested).toEqual(ids(0));
    set.close();
  });

  it("of index arrays, as scikit-learn's splitters return them: folds of rows", async () => {
    const rows = Array.from({ length: 28 }, (_, i) => i);
    const pairs = [0, 1].map((k) => [rows.filter((i) => i % 4 !== k), rows.filter((i) => i % 4 === k)]);
    const splitFile = write("folds.json", JSON.stringify(pairs));
    const { info, folder: at } = await assemble({ split: "folds-from-file", splitFile });
    expect(info.folds!.map(({ train, test }) => [train.count, test.count])).toEqual([
      [21, 7],
      [21, 7],
    ]);
    const set = await openSet(`${at}/mix`);
    expect([...(await set.fold(2)).test]).toEqual(pairs[1]![1]);
    set.close();
  });

  it("keeps rows right where some images are in no fold", async () => {
    const fold = (k: number) => [
      ...ids(k).map((id) => `${id},test,${k}`),
      ...ids(1 - k).map((id) => `${id},train,${k}`),
    ];
    const splitFile = write("some.csv", `sample,part,fold\n${[...fold(0), ...fold(1)].join("\n")}\n`);
    const { info, folder: at } = await assemble({ split: "folds-from-file", splitFile });
    expect([info.parts.all!.count, info.leftOut, info.folds!.map(({ name }) => name)]).toEqual([
      14,
      { "fixture/all": 14 },
      ["0", "1"],
    ]);
    const set = await openSet(`${at}/mix`);
    const all: string[] = [];
    for await (const { id } of set.part("all").rows()) all.push(id);
    expect([...(await set.fold(1)).test].map((row) => all[row]!)).toEqual(ids(0));
    set.close();
  });

  it("is another set when the list has changed, wherever it lies", async () => {
    const text = (part: string) =>
      `sample,part\n${[0, 1]
        .flatMap(ids)
        .map((id, i) => `${id},${i % 2 ? part : "test"}`)
        .join("\n")}\n`;
    const options = { name: "same", to: folder.at("same"), split: "from-file", allowMissing: true } as const;
    const first = await assemble({ ...options, splitFile: write("one.csv", text("train")) });
    const second = await assemble({ ...options, splitFile: write("two.csv", text("train")) });
    expect([first.reused, second.reused]).toEqual([false, true]);
    const other = assemble({ ...options, splitFile: write("two.csv", `${text("train")}${ids(2)[0]},val\n`) });
    await expect(other).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
  });

  it("that is wrong is refused, and said what of it", async () => {
    const lists = {
      "an unknown id": "sample,part\nnobody,train\n",
      "one twice": `sample,part\n${ids(0)[0]},train\n${ids(0)[0]},train\n`,
      "one in two parts": `sample,part\n${ids(0)[0]},train\n${ids(0)[0]},test\n`,
      "a row that is not there": "row,part\n3,train\n28,test\n",
      "a row and a sample": `row,sample,part\n3,${ids(0)[0]},train\n`,
      "another part": `sample,part\n${ids(0)[0]},public\n`,
      folds: `sample,part,fold\n${ids(0)[0]},train,1\n`,
      neither: "a,b\n1,2\n",
      "JSON of another kind": '{"train": [1.5], "test": []}',
    };
    const said: Record<string, string> = {};
    for (const [name, text] of Object.entries(lists)) {
      const splitFile = write(text.startsWith("{") ? "bad.json" : "bad.csv", text);
      said[name] = await messageOf(() => assemble({ split: "from-file", splitFile }));
    }
    expect(said).toMatchInlineSnapshot(`
      {
        "JSON of another kind": "<root>/bad.json: train.0: Invalid input. Expected a table with the columns sample (or row) and part (and fold), or JSON: {"train": [...], "val": [...], "test": [...]}, or a list of these.",
        "a row and a sample": "<root>/bad.csv: bad.csv:2 has a sample and a row. Expected a table with the columns sample (or row) and part (and fold), or JSON: {"train": [...], "val": [...], "test": [...]}, or a list of these.",
        "a row that is not there": "<root>/bad.csv: row 28 of 28 images. Expected rows in [0, 28).",
        "an unknown id": "<root>/bad.csv: "nobody" is not among the 28 images. Expected their ids, or their sources.",
        "another part": "<root>/bad.csv: bad.csv:2: the part "public". Expected a table with the columns sample (or row) and part (and fold), or JSON: {"train": [...], "val": [...], "test": [...]}, or a list of these.",
        "folds": "split policy from-file: <root>/bad.csv lists folds. Expected one split. Use the policy folds-from-file.",
        "neither": "bad.csv: the first row is "a,b". Expected a header with part.",
        "one in two parts": "<root>/bad.csv: "fixture/all/neutral/neutral-0000.png" is in train and test. Expected every image once.",
        "one twice": "<root>/bad.csv: "fixture/all/neutral/neutral-0000.png" comes twice in train. Expected every image once.",
      }
    `);
  });

  it("refuses an id that several images have, and a missing list", async () => {
    const two = [...dataset("a", "all"), ...dataset("b", "all")];
    const list = { file: "list.csv", isFolded: false, listed: [{ name: null, train: ["all-3"], val: [], test: [] }] };
    expect(await messageOf(() => policies["from-file"].assign(two, { ...SETTINGS, list }))).toMatchInlineSnapshot(
      `"list.csv: the id "all-3" is that of several images. Expected sources, such as rafdb/train/happy/train_00001.jpg."`,
    );
    expect(await messageOf(() => assemble({ split: "from-file" }))).toMatchInlineSnapshot(
      `"split policy from-file: there is no list. Expected a file that says what is where. Set splitFile (--split-file)."`,
    );
    expect(await messageOf(() => assemble({ split: "from-file", splitFile: "absent.csv" }))).toMatchInlineSnapshot(
      `"absent.csv: there is no such file. Expected a table with the columns sample (or row) and part (and fold), or JSON: {"train": [...], "val": [...], "test": [...]}, or a list of these."`,
    );
  });
});
