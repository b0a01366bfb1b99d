import { DatasetError, OptionsError } from "@fer/core";
import type { GroupKind, Split } from "@fer/core/image-folder";
import { Assembler } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../dist/policies/choose.js";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const items = (splits: Split[], groups: (string | null)[] = ["a"]) =>
  splits.map((split, i) => ({ key: `k${i}`, label: i % 7, group: groups[i % groups.length]!, split }));
const chosen = (...args: [ReturnType<typeof items>, GroupKind]) => {
  const { policy, reason } = choosePolicy(...args);
  return `${policy}: ${reason}`;
};

describe("auto", () => {
  it("takes the owner's parts, where every image has one", () => {
    expect(chosen(items(["train", "test"]), "subject")).toMatchInlineSnapshot(
      `"official: every image is in a part of its owner (test, train)"`,
    );
    expect(chosen(items(["train", "val"], [null]), "none")).toMatchInlineSnapshot(
      `"official: every image is in a part of its owner (train, val). No test part is labelled: k1/val is tested, and validation is carved out of train"`,
    );
    expect(chosen(items(["train", "test", "all"]), "subject")).toMatch(/^subject: /);
  });

  it("keeps people apart, else groups, else says what may happen", () => {
    expect(chosen(items(["all"], ["a"]), "subject")).toMatchInlineSnapshot(
      `"subject: the owner gives no parts, and every image names its person"`,
    );
    expect(chosen(items(["all", "all"], ["a", null]), "subject")).toMatchInlineSnapshot(
      `"group: the owner gives no parts; images of one group (a person, but 1 images name none) stay together. The same person may be on both sides"`,
    );
    expect(chosen(items(["all"], ["clip 1"]), "clip")).toMatchInlineSnapshot(
      `"group: the owner gives no parts; images of one group (a clip) stay together. The same person may be on both sides"`,
    );
    expect(chosen(items(["all"], [null]), "none")).toMatchInlineSnapshot(
      `"ratio: neither parts of the owner nor people are known. The same person may be on both sides"`,
    );
  });

  it("takes no part for granted that has no train", () => {
    expect(chosen(items(["test", "test"], [null]), "none")).toMatch(/^ratio: /);
  });
});

describe("a set split by auto", () => {
  const folder = testFolder();

  it("says which policy was taken and why", async () => {
    const people = writeImageFolder(folder.at("people"), balancedImages());
    const { info } = await new Assembler({ name: "mix", to: folder.at("a") }).assemble([people]);
    expect([info.policy, info.policyReason]).toEqual(["subject", expect.stringContaining("names its person")]);
    const none = writeImageFolder(folder.at("none"), balancedImages({ subjects: 0 }));
    const random = await new Assembler({ name: "mix", to: folder.at("b") }).assemble([none]);
    expect(random.info.policyReason).toContain("The same person may be on both sides");
  });

  it("is the same set as one of that policy", async () => {
    const people = writeImageFolder(folder.at("people2"), balancedImages());
    await new Assembler({ name: "mix", to: folder.at("c"), split: "subject" }).assemble([people]);
    const again = await new Assembler({ name: "mix", to: folder.at("c") }).assemble([people]);
    expect(again.reused).toBe(true);
  });

  it("refuses an option that the chosen policy does not use", async () => {
    const split = balancedImages();
    for (const [i, image] of split.entries()) image.split = i % 4 === 0 ? "test" : "train";
    const owners = writeImageFolder(folder.at("owners"), split);
    const refused = await new Assembler({ name: "mix", to: folder.at("d"), seed: 3 })
      .assemble([owners])
      .catch((e: unknown) => e);
    expect(refused).not.toBeInstanceOf(DatasetError);
    expect(refused).toBeInstanceOf(OptionsError);
    expect((refused as Error).message).toMatchInlineSnapshot(
      `"assembler options: the policy official, taken because every image is in a part of its owner (test, train), does not use seed. Expected a policy that does (ratio, subject, group, kfold, group-kfold, subject-kfold), or no such option."`,
    );
  });
});
