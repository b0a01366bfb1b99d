/** Sets of folds: one array of all samples, and rows of it for each fold. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { encodeNpyHeader } from "@fer/core";
import { openSet } from "@fer/core/set";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import { beforeAll, describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
let data: string;
let targets = 0;
const assemble = (options: Partial<AssemblerInput>, ...folders: string[]) =>
  new Assembler({ name: "mix", to: folder.at(`set-${(targets += 1)}`), split: "subject-modulo", ...options }).assemble(
    folders.length > 0 ? folders : [data],
  );

beforeAll(async () => {
  data = writeImageFolder(folder.at("data"), balancedImages({ perClass: 6, subjects: 6 }));
  await new Assembler({ name: "mix", to: folder.at("whole"), split: "subject-modulo", folds: 3 }).assemble([data]);
});

/** int64 rows of a file, by NumPy's rules. */
function rowsOf(file: string): number[] {
  const bytes = readFileSync(file);
  const header = bytes.toString("latin1", 10, 10 + bytes.readUInt16LE(8));
  expect(header).toMatch(/'descr': '<i8', 'fortran_order': False, 'shape': \(\d+,\)/);
  const rows = new BigInt64Array(Uint8Array.from(bytes.subarray(10 + bytes.readUInt16LE(8))).buffer);
  return Array.from(rows, Number);
}

describe("a set of folds", () => {
  it("holds every image once, and rows for each fold", async () => {
    expect(readdirSync(folder.at("whole")).sort()).toEqual([
      "mix.croissant.json",
      "mix.html",
      "mix.json",
      "mix.manifest.json",
      "mix_all.jsonl",
      "mix_all_images.npy",
      "mix_all_labels.npy",
      ...[1, 2, 3].flatMap((k) => [`mix_fold-0${k}_test.npy`, `mix_fold-0${k}_train.npy`]),
    ]);
    const set = await openSet(folder.at("whole/mix"), { verify: true });
    expect([set.parts, set.folds, set.info.policy]).toEqual([["all"], 3, "subject-modulo"]);
    const groups = await set.part("all").groups();
    const tested: number[] = [];
    for (let k = 1; k <= 3; k++) {
      const { train, val, test } = await set.fold(k);
      expect([...train]).toEqual(rowsOf(folder.at(`whole/mix_fold-0${k}_train.npy`)));
      expect([...test]).toEqual(rowsOf(folder.at(`whole/mix_fold-0${k}_test.npy`)));
      expect(val).toHaveLength(0);
      expect(new Set([...test].map((row) => groups[row]))).toEqual(new Set([`fixture/S${k - 1}`, `fixture/S${k + 2}`]));
      tested.push(...test);
      const info = set.info.folds![k - 1]!;
      expect([info.train.count, info.test.count, info.test.groups, info.val]).toEqual([28, 14, 2, null]);
      expect(info.leaks.groups).toBe(0);
    }
    expect(tested.sort((a, b) => a - b)).toEqual(Array.from({ length: 42 }, (_, i) => i));
    set.close();
  });

  it("writes validation where a share is asked for, and names the folds of single people", async () => {
    const set = await assemble({ split: "leave-one-subject-out", valShare: 0.2 });
    expect(set.folds).toBe(6);
    expect(set.info.folds!.map(({ name }) => name)).toEqual(Array.from({ length: 6 }, (_, i) => `fixture/S${i}`));
    const { train, val, test } = await set.fold(6);
    expect([train.length, val.length, test.length]).toEqual([28, 7, 7]);
  });

  it("counts leaks fold by fold", async () => {
    const twins = balancedImages({ perClass: 6, subjects: 6 });
    twins[1] = { ...twins[1]!, pixels: "twin" };
    twins[2] = { ...twins[2]!, pixels: "twin" };
    const set = await assemble({ folds: 3 }, writeImageFolder(folder.at("twins"), twins));
    expect(set.info.folds!.map(({ leaks }) => leaks.exact)).toEqual([0, 1, 1]);
    expect(set.info.leaks).toMatchObject({ exact: 2, groups: 0, conflicts: 0 });
  });

  it("says that it has folds, not parts, and the other way round", async () => {
    const whole = await openSet(folder.at("whole/mix"));
    expect(await folder.messageOf(() => whole.part("train"))).toMatchInlineSnapshot(
      `"set mix: no part "train". Expected one of all. Assemble with a policy that writes it."`,
    );
    expect(await folder.messageOf(() => whole.fold(4))).toMatchInlineSnapshot(
      `"set mix: no fold 4. Expected a number from 1 to 3. Assemble with a policy that makes folds, such as subject-kfold."`,
    );
    const parts = await assemble({ split: "subject" });
    expect(await folder.messageOf(() => parts.fold(1))).toMatchInlineSnapshot(
      `"set mix: it has parts, not folds. Expected a set of folds. Assemble with a policy that makes folds, such as subject-kfold."`,
    );
  });

  it("refuses options that do not go together", async () => {
    expect(await folder.messageOf(() => assemble({ testShare: 0.3 }))).toMatchInlineSnapshot(
      `"assembler options: the policy subject-modulo does not use testShare. Expected a policy that does (ratio, subject, group), or no such option."`,
    );
    expect(await folder.messageOf(() => assemble({ split: "subject", folds: 3 }))).toMatchInlineSnapshot(
      `"assembler options: the policy subject does not use folds. Expected a policy that does (kfold, group-kfold, subject-kfold, subject-modulo), or no such option."`,
    );
  });
});

describe("a set of folds that is not whole", () => {
  /** The message about a copy of the set, as early versions wrote sets (without a manifest), after `damage`. */
  const damaged = async (damage: (at: (file: string) => string) => void): Promise<string> => {
    const copy = folder.at("copy");
    rmSync(copy, { recursive: true, force: true });
    cpSync(dirname(folder.at("whole/mix.json")), copy, { recursive: true });
    rmSync(folder.at("copy/mix.manifest.json"));
    const info = readFileSync(folder.at("copy/mix.json"), "utf8");
    writeFileSync(folder.at("copy/mix.json"), info.replace('"manifest": true', '"manifest": false'));
    damage((file) => folder.at("copy", file));
    return folder.messageOf(async () => {
      const set = await openSet(folder.at("copy/mix"));
      for (let k = 1; k <= set.folds; k++) await set.fold(k);
    });
  };
  const rows = (...list: number[]): Buffer =>
    Buffer.concat([encodeNpyHeader("int64", [14]), Buffer.from(BigInt64Array.from(list, BigInt).buffer)]);
  const counted = (start: number): number[] => Array.from({ length: 14 }, (_, i) => start + i);

  it("is refused with what is wrong", async () => {
    expect(await damaged((at) => rmSync(at("mix_fold-02_test.npy")))).toMatchInlineSnapshot(
      `"<root>/copy/mix_fold-02_test.npy: the file is missing or cannot be read. Expected all files that the set's json names. Assemble the set again."`,
    );
    expect(
      await damaged((at) => writeFileSync(at("mix_fold-01_test.npy"), rows(...counted(40)))),
    ).toMatchInlineSnapshot(
      `"<root>/copy/mix_fold-01_test.npy: row 40 twice in fold 1. Expected rows of the part all, each at most once in a fold. Assemble the set again."`,
    );
    expect(
      await damaged((at) => writeFileSync(at("mix_fold-01_test.npy"), rows(...counted(0).fill(-1, 0, 1)))),
    ).toMatchInlineSnapshot(
      `"<root>/copy/mix_fold-01_test.npy: row -1 of a set of 42. Expected rows of the part all, each at most once in a fold. Assemble the set again."`,
    );
    expect(
      await damaged((at) => writeFileSync(at("mix_fold-01_test.npy"), rows(...counted(0).fill(0, 1, 2)))),
    ).toMatchInlineSnapshot(
      `"<root>/copy/mix_fold-01_test.npy: row 0 twice in fold 1. Expected rows of the part all, each at most once in a fold. Assemble the set again."`,
    );
    expect(
      await damaged((at) => writeFileSync(at("mix_fold-01_test.npy"), encodeNpyHeader("float32", [14]))),
    ).toMatchInlineSnapshot(
      `"<root>/copy/mix_fold-01_test.npy: the array is float32 [14] in C order. Expected int64 [14] in C order, as the set's json says. Assemble the set again."`,
    );
  });
});
