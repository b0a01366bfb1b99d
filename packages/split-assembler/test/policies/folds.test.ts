/** What each policy with folds does beside what all promise (`properties.test.ts`). */
import { readOneHotLabels } from "@fer/core/set";
import { type FoldPolicy, policies, type SplitItem, type SplitSettings } from "@fer/split-assembler";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NumpyRandom } from "../../dist/policies/numpy-random.js";
import { testFolder } from "../fixtures/folder.ts";
import golden from "./sklearn-golden.json" with { type: "json" };

const { messageOf } = testFolder();
const SETTINGS: SplitSettings = { seed: 1, valShare: 0, testShare: 0.2, groupKind: "subject", folds: 10 };

describe("policy kfold", () => {
  const itemsOf = (labels: Iterable<number>): SplitItem[] =>
    [...labels].map((label, i): SplitItem => ({
      key: String(i).padStart(6, "0"),
      label,
      group: null,
      split: "all",
    }));

  it.each(golden.cases)("equals scikit-learn's StratifiedKFold: $name", ({ labels, folds, seed, test }) => {
    const flat = labels.flatMap((count, label) => Array.from({ length: count }, () => label));
    const found = policies.kfold.fold(itemsOf(flat), { ...SETTINGS, seed, folds });
    expect(found.map((fold) => Array.from(fold.test))).toEqual(test);
  });

  it.skipIf(!process.env["FER_DATA"])("equals it on the original's own labels (FER_DATA)", async () => {
    const labels = await readOneHotLabels(join(process.env["FER_DATA"]!, "ckubd-labels/ckubd_full_labels.npy"), 7);
    const found = policies.kfold.fold(itemsOf(labels), { ...SETTINGS, seed: 8 });
    expect(found.map((fold) => Array.from(fold.test))).toEqual(golden.cases[0]!.test);
  });

  it("carves validation with equal class shares", () => {
    const [first] = policies.kfold.fold(itemsOf(Array.from({ length: 200 }, (_, i) => i % 4)), {
      ...SETTINGS,
      valShare: 0.1,
    });
    expect([first!.train.length, first!.val.length, first!.test.length]).toEqual([160, 20, 20]);
  });
});

describe("NumpyRandom", () => {
  it("draws and shuffles as numpy.random.RandomState", () => {
    const random = new NumpyRandom(8);
    expect(Array.from({ length: 5 }, () => random.next())).toEqual(golden.uint32);
    expect([...new NumpyRandom(4294967295).shuffle(Uint32Array.from({ length: 50 }, (_, i) => i))]).toEqual(
      golden.shuffled,
    );
  });
});

describe("policy subject-modulo", () => {
  /** The 118 labelled subjects of CK+, as its owner numbers them. */
  const subjects = [
    [5, 5],
    [10, 11],
    [14, 14],
    [22, 22],
    [26, 26],
    [28, 29],
    [32, 32],
    [34, 35],
    [37, 37],
    [42, 42],
    [44, 46],
    [50, 102],
    [105, 117],
    [119, 119],
    [122, 122],
    [124, 139],
    [147, 149],
    [151, 151],
    [154, 158],
    [160, 160],
    [501, 506],
    [895, 895],
    [999, 999],
  ].flatMap(([from, to]) =>
    Array.from({ length: to! - from! + 1 }, (_, i) => `S${String(from! + i).padStart(3, "0")}`),
  );
  const ckplus = subjects.map((id, i): SplitItem => ({ key: id, label: i % 7, group: `ckplus/${id}`, split: "all" }));

  it("gives CK+ eight folds of twelve people and two of eleven", () => {
    expect(subjects).toHaveLength(118);
    const folds = policies["subject-modulo"].fold(ckplus, SETTINGS);
    expect(folds.map((fold) => fold.test.length)).toEqual([12, 12, 12, 12, 12, 12, 12, 12, 11, 11]);
    expect([...folds[0]!.test].map((i) => subjects[i])).toEqual(subjects.filter((_, i) => i % 10 === 0));
  });

  it("leave-one-subject-out names its 118 folds", () => {
    const folds = policies["leave-one-subject-out"].fold(ckplus, SETTINGS);
    expect(folds.map(({ name }) => name)).toEqual(subjects.map((id) => `ckplus/${id}`));
  });
});

describe("what policies with folds refuse", () => {
  const item = (over: Partial<SplitItem>): SplitItem => ({
    key: "own/all/happy/a.png",
    label: 4,
    group: null,
    split: "all",
    ...over,
  });
  const refused = (name: string, list: SplitItem[], over: Partial<SplitSettings> = {}): Promise<string> =>
    messageOf(() => (policies[name as keyof typeof policies] as FoldPolicy).fold(list, { ...SETTINGS, ...over }));

  it("more folds than people, groups, or images of every class", async () => {
    const two = [item({ key: "a", group: "x" }), item({ key: "b", group: "y" })];
    expect(await refused("subject-modulo", two)).toMatchInlineSnapshot(
      `"split policy subject-modulo: 10 folds of 2 subjects. Expected at least one of the subjects in every fold. Set folds (--folds) to 2 or less."`,
    );
    expect(await refused("subject-kfold", two, { folds: 3 })).toMatchInlineSnapshot(
      `"split policy subject-kfold: 3 folds of 2 groups. Expected at least one of the groups in every fold. Set folds (--folds) to 2 or less."`,
    );
    expect(await refused("leave-one-subject-out", [item({ group: "x" })])).toMatchInlineSnapshot(
      `"split policy leave-one-subject-out: 2 folds of 1 subjects. Expected at least one of the subjects in every fold. Use another policy."`,
    );
    const classes = Array.from({ length: 12 }, (_, i) => item({ key: `${i}`, label: i % 6 }));
    expect(await refused("kfold", classes)).toMatchInlineSnapshot(
      `"split policy kfold: 10 folds, and the largest class has 2 images. Expected a class with an image for every fold. Set folds (--folds) to 2 or less."`,
    );
  });

  it("people who are not known", async () => {
    const clips = [item({ group: "afew/1" }), item({ key: "b", group: "afew/2" })];
    expect(await refused("subject-kfold", clips, { groupKind: "clip" })).toMatchInlineSnapshot(
      `"split policy subject-kfold: the groups of the data are clips, not people. Expected a subject for every image. Use the policy group or group-kfold, which keep whole groups together, or official."`,
    );
    expect(await refused("group-kfold", [item({}), item({ key: "b" })])).toMatchInlineSnapshot(
      `"split policy group-kfold: no image names a group. Expected a person, clip, video or photo for the images. Use another policy: official, or ratio."`,
    );
  });
});
