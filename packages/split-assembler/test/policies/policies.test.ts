/** What each policy with parts does beside what all promise (`properties.test.ts`). */
import { policies, POLICY_NAMES, type SplitItem, type SplitSettings } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";

const { messageOf } = testFolder();
const SETTINGS: SplitSettings = { seed: 1, valShare: 0.15, testShare: 0.2, groupKind: "subject" };

it.each(POLICY_NAMES)("policy %s is named as in the record", (name) => expect(policies[name].name).toBe(name));

describe.each(["subject", "group"] as const)("policy %s", (name) => {
  it("keeps class shares close: within 4 points on 100 people", () => {
    const list = people(100);
    for (const seed of [0, 1, 2, 3]) {
      const parts = policies[name].assign(list, { ...SETTINGS, seed });
      for (let label = 0; label < 7; label++) {
        const ofClass = list.flatMap((item, i) => (item.label === label ? [parts[i]![0]] : []));
        const share = (part: string): number => ofClass.filter((of) => of === part).length / ofClass.length;
        expect(Math.abs(share("test") - 0.2)).toBeLessThan(0.04);
        expect(Math.abs(share("val") - 0.15)).toBeLessThan(0.04);
      }
    }
  });

  it("splits otherwise with another seed", () => {
    const list = people(40);
    expect(policies[name].assign(list, SETTINGS)).not.toEqual(policies[name].assign(list, { ...SETTINGS, seed: 2 }));
  });
});

describe("policy original", () => {
  it("cuts each class at floor(0.8 n) in key order", () => {
    const list: SplitItem[] = ["b", "a", "e", "d", "c"].map((key) => ({ key, label: 0, group: null, split: "all" }));
    expect(policies.original.assign(list, SETTINGS)).toEqual([
      ["train", "full"],
      ["train", "full"],
      ["test", "full"],
      ["train", "full"],
      ["train", "full"],
    ]);
  });

  it("sorts by code unit: capitals and digits first", () => {
    const list: SplitItem[] = ["a", "B", "é", "9", "Z"].map((key) => ({ key, label: 0, group: null, split: "all" }));
    const parts = policies.original.assign(list, SETTINGS);
    expect(list.filter((_, i) => parts[i]![0] === "test").map((item) => item.key)).toEqual(["é"]);
  });
});

describe("policy ratio", () => {
  it("rounds the shares of each class", () => {
    const list = people(50);
    const parts = policies.ratio.assign(list, SETTINGS);
    for (let label = 0; label < 7; label++) {
      const ofClass = list.flatMap((item, i) => (item.label === label ? [parts[i]![0]] : []));
      expect(ofClass.filter((part) => part === "test")).toHaveLength(Math.round(0.2 * ofClass.length));
      expect(ofClass.filter((part) => part === "val")).toHaveLength(Math.round(0.15 * ofClass.length));
    }
  });
});

describe("what a policy refuses", () => {
  const item = (over: Partial<SplitItem>): SplitItem => ({
    key: "own/all/happy/a.png",
    label: 4,
    group: null,
    split: "all",
    ...over,
  });

  it("subject: data that do not say who is in an image", async () => {
    const call = (): unknown => policies.subject.assign([item({})], { ...SETTINGS, groupKind: "none" });
    expect(await messageOf(call)).toMatchInlineSnapshot(
      `"split policy subject: the data do not say who is in an image. Expected a subject for every image. Extract with a subject pattern, or use another policy: official, or ratio."`,
    );
  });

  it("subject: groups that are no people", async () => {
    const call = (): unknown =>
      policies.subject.assign([item({ group: "afew/1" })], { ...SETTINGS, groupKind: "clip" });
    expect(await messageOf(call)).toMatchInlineSnapshot(
      `"split policy subject: the groups of the data are clips, not people. Expected a subject for every image. Use the policy group or group-kfold, which keep whole groups together, or official."`,
    );
  });

  it("subject: some images without a subject", async () => {
    const call = (): unknown => policies.subject.assign([item({ group: "own/1" }), item({})], SETTINGS);
    expect(await messageOf(call)).toMatchInlineSnapshot(
      `"split policy subject: 1 of 2 images name no subject, the first is "own/all/happy/a.png". Expected a subject for every image. Extract with a subject pattern, or use another policy: official, or ratio."`,
    );
  });

  it("group: no group at all", async () => {
    expect(await messageOf(() => policies.group.assign([item({})], SETTINGS))).toMatchInlineSnapshot(
      `"split policy group: no image names a group. Expected a person, clip, video or photo for the images. Use another policy: official, or ratio."`,
    );
  });

  it("official: images in no split", async () => {
    const call = (): unknown => policies.official.assign([item({ split: "train" }), item({})], SETTINGS);
    expect(await messageOf(call)).toMatchInlineSnapshot(
      `"split policy official: 1 of 2 images are in no split of their owner, the first is "own/all/happy/a.png". Expected datasets that come with train, val or test. Use another policy: subject, group, or ratio."`,
    );
  });
});

/** `count` people with one to twelve samples each, classes unevenly spread. */
function people(count: number): SplitItem[] {
  return Array.from({ length: count }, (_, person) =>
    Array.from({ length: 1 + ((person * 5) % 12) }, (_, i): SplitItem => ({
      key: `fixture/S${person}-${i}`,
      label: (person * 3 + i * i) % 7,
      group: `fixture/S${person}`,
      split: "all",
    })),
  ).flat();
}
