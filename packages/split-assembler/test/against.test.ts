/** A plan writes nothing; and whether val and test of a new set hold what another set trains on. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
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
    expect(set.info.against).toEqual([{ set: "mix", fingerprint: trained.info.fingerprint, exact: 7, groups: 4 }]);
    const list = folder.at("list.json");
    const ids = (...of: number[]) =>
      balancedImages({ prefix: "new-" }).flatMap(({ id }) => (of.includes(Number(id.at(-1))) ? [id] : []));
    writeFileSync(list, JSON.stringify({ train: ids(0, 1, 2), test: ids(4) }));
    const listed = options({ split: "from-file", splitFile: list, against: [path], leaks: "fail" });
    const { against } = await new Assembler({ ...listed, leaks: "report" }).plan([fresh]);
    expect(against).toMatchObject([{ exact: 0, groups: 0 }]);
    const refused = new Assembler({ ...given, leaks: "fail" }).plan([fresh]);
    await expect(refused).rejects.toMatchObject({
      code: "LEAKS",
      message: expect.stringContaining("of mix 7 images and 4 groups"),
    });
    for (const each of [trained, set]) each.close();
  });

  it("says of a run that it is not known, never 0", async () => {
    mkdirSync(folder.at("run"));
    writeFileSync(folder.at("run/config.json"), "{}");
    const call = () => new Assembler(options({ against: [folder.at("run")] })).plan([fresh]);
    expect(await folder.messageOf(call)).toMatchInlineSnapshot(
      `"<root>/run: a run, which does not keep what it was trained on. Expected the set that it was trained on. Pass that set, as <folder>/<name>."`,
    );
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
