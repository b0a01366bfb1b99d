/** What goes into a set: maps of expressions, limits, lists of exclusions and caps; what is left out is counted. */
import { writeFileSync } from "node:fs";
import { openSet } from "@fer/core/set";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const folder = testFolder();
const rafdb = writeImageFolder(
  folder.at("rafdb"),
  balancedImages({ perClass: 20, subjects: 0, split: (i) => (i < 15 ? "train" : "test") }),
  { adapter: "rafdb" },
);
const ckplus = writeImageFolder(folder.at("ckplus"), balancedImages({ classes: 8, perClass: 10, prefix: "ck-" }), {
  adapter: "ckplus",
});
let sets = 0;
const assemble = async (options: Partial<AssemblerInput>, ...folders: string[]) => {
  const set = await new Assembler({ name: "mix", to: folder.at(`set-${(sets += 1)}`), ...options }).assemble(
    folders.length === 0 ? [rafdb] : folders,
  );
  set.close();
  return set;
};
const write = (name: string, text: string): string => {
  writeFileSync(folder.at(name), text);
  return folder.at(name);
};
const ids = async (path: string, part: "train" | "test"): Promise<string[]> => {
  const set = await openSet(path);
  const found: string[] = [];
  for await (const { id } of set.part(part).rows()) found.push(id);
  set.close();
  return found;
};

describe("map", () => {
  it("takes an expression for another one, or leaves it out", async () => {
    const { info } = await assemble(
      { split: "ratio", map: { contempt: "disgust", fear: "none" }, allowMissing: true },
      ckplus,
    );
    const both = (name: string) => info.parts.train!.perClass[name]! + info.parts.test!.perClass[name]!;
    expect([both("disgust"), both("anger"), both("fear"), info.dropped]).toEqual([20, 10, 0, { fear: 10 }]);
    expect(info.map).toEqual({ contempt: "disgust", fear: "none" });
  });
});

describe("limit", () => {
  it("takes the same share of every class, others with another seed", async () => {
    const limit = { "rafdb/train": 42, ckplus: 21 };
    const options: Partial<AssemblerInput> = { split: "cross-dataset", test: ["ckplus"], limit };
    const { info, folder: at } = await assemble(options, rafdb, ckplus);
    expect(info.parts.train!.perClass).toEqual(Object.fromEntries(info.classes.map((name) => [name, 11])));
    expect(info.parts.test!.perClass).toEqual(Object.fromEntries(info.classes.map((name) => [name, 3])));
    expect([info.limit, info.seed]).toEqual([{ of: limit, leftOut: 63 + 49 }, 0]);
    const other = await assemble({ ...options, seed: 1 }, ckplus, rafdb);
    expect(await ids(`${other.folder}/mix`, "train")).not.toEqual(await ids(`${at}/mix`, "train"));
  });

  it("hands out what does not divide, and is exact", async () => {
    const { info } = await assemble({ split: "ratio", limit: { rafdb: 100 } });
    const counts = info.classes.map((name) => info.parts.train!.perClass[name]! + info.parts.test!.perClass[name]!);
    expect(counts.reduce((a, b) => a + b)).toBe(100);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it("is refused where there are not as many", async () => {
    expect(await folder.messageOf(() => assemble({ limit: { rafdb: 141 } }))).toMatchInlineSnapshot(
      `"assembler options: limit: 141 images of rafdb, which has 140. Expected 140 at most."`,
    );
  });
});

describe("cap", () => {
  it("leaves so many training images of a class; test is as it was", async () => {
    const { info } = await assemble({ split: "official", cap: 4 });
    expect(new Set(Object.values(info.parts.train!.perClass))).toEqual(new Set([4]));
    expect(info.parts.test!.count).toBe(35);
    expect(info.cap).toEqual({ most: 4, leftOut: Object.fromEntries(info.classes.map((name) => [name, 11])) });
  });

  it("caps every fold", async () => {
    const { info } = await assemble({ split: "kfold", folds: 2, cap: 4 });
    expect(info.folds!.map(({ train, test }) => [train.count, test.count])).toEqual([
      [28, 70],
      [28, 70],
    ]);
  });
});

describe("exclude", () => {
  it("leaves out what a list names, and keeps what somebody has kept", async () => {
    const rows = ["happy-0001,exclude", "rafdb/test/sad/sad-0019.png,", "anger-0000,keep"];
    const exclude = write("verdicts.csv", `sample,verdict\n${rows.join("\n")}\n`);
    const { info, folder: at } = await assemble({ split: "official", exclude });
    expect([info.excluded, info.parts.train!.count, info.parts.test!.count]).toEqual([2, 104, 34]);
    expect(await ids(`${at}/mix`, "train")).not.toContain("happy-0001");
    expect(await ids(`${at}/mix`, "train")).toContain("anger-0000");
  });

  it("is refused where it is of other data, ambiguous, or says something else", async () => {
    const twin = writeImageFolder(folder.at("twin"), balancedImages({ perClass: 20, subjects: 0 }), {
      adapter: "jaffe",
    });
    const refused = (text: string, ...folders: string[]) =>
      folder.messageOf(() => assemble({ split: "ratio", exclude: write("bad.csv", text) }, ...folders));
    expect({
      stale: await refused("sample\nhappy-0001\nhappy-9999\n"),
      ambiguous: await refused("sample\nhappy-0001\n", rafdb, twin),
      verdict: await refused("sample,verdict\nhappy-0001,maybe\n"),
      absent: await folder.messageOf(() => assemble({ exclude: folder.at("absent.csv") })),
    }).toMatchInlineSnapshot(`
      {
        "absent": "<root>/absent.csv: it cannot be read (ENOENT). Expected a table (.csv) with the columns sample and verdict.",
        "ambiguous": "<root>/bad.csv: the id "happy-0001" is that of several images. Expected sources, such as rafdb/train/happy/train_00001.jpg.",
        "stale": "<root>/bad.csv: 1 of its 2 samples are not among the images, the first is "happy-9999". Expected a list of these data.",
        "verdict": "<root>/bad.csv: bad.csv:2: the verdict "maybe". Expected keep or exclude.",
      }
    `);
  });
});
