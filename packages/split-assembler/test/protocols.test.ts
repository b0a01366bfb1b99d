/** Protocols: options they fix, data they refuse, and what a set says of the one it follows. */
import { adapters } from "@fer/dataset-extractors";
import { METRICS } from "@fer/core/run";
import {
  Assembler,
  type AssemblerInput,
  POLICY_NAMES,
  PROTOCOL_NAMES,
  type Protocol,
  protocols,
} from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, type FixtureInfo, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
const parts = (...names: ("train" | "val" | "test")[]) =>
  balancedImages({ perClass: 6, split: (i) => names[i % names.length]! });
let made = 0;
const data = (images: ReturnType<typeof balancedImages>, info: FixtureInfo & { options?: object }) =>
  writeImageFolder(folder.at(`data-${(made += 1)}`), images, info);
const assemble = async (options: Partial<AssemblerInput>, ...folders: string[]) => {
  const set = await new Assembler({ name: "mix", to: folder.at(`set-${(made += 1)}`), ...options }).assemble(folders);
  set.close();
  return set.info;
};

describe("the record", () => {
  it.each(PROTOCOL_NAMES)("%s names an adapter, a policy, a metric and counts of every class", (name) => {
    const protocol: Protocol = protocols[name];
    expect(protocol.name).toBe(name);
    expect(Object.keys(adapters)).toContain(protocol.dataset);
    expect(POLICY_NAMES).toContain(protocol.options.split);
    expect(Object.keys(METRICS)).toContain(protocol.metric);
    for (const counts of Object.values(protocol.counts ?? {})) expect(counts).toHaveLength(protocol.options.classes!);
  });
});

describe("a set by a protocol", () => {
  it("has its options, and says where its counts are others than the owner's", async () => {
    const info = await assemble({ protocol: "rafdb" }, data(parts("train", "test"), { adapter: "rafdb" }));
    expect(info.policy).toBe("official");
    expect(info.protocol).toMatchObject({ name: "rafdb", metric: "balancedAccuracy", status: "differs" });
    expect(info.protocol!.details[1]).toMatch(/^test: neutral 3 instead of 680, anger 3 instead of 162, /);
  });

  it("matches where parts, classes and people are the owner's", async () => {
    const people = balancedImages({ perClass: 118, classes: 2, subjects: 118 });
    const info = await assemble({ protocol: "ckplus-10fold" }, data(people, { adapter: "ckplus" }));
    expect(info.protocol).toMatchObject({ status: "match", details: [] });
    expect(info.folds!.map(({ test }) => test.groups)).toEqual([12, 12, 12, 12, 12, 12, 12, 12, 11, 11]);
  });

  it("is refused where the data are others, a part or a class is missing, or an option says otherwise", async () => {
    const refused = (options: Partial<AssemblerInput>, ...folders: string[]) =>
      folder.messageOf(() => assemble(options, ...folders));
    const rafdb = data(parts("train", "test"), { adapter: "rafdb" });
    const other = data(parts("train", "test"), { adapter: "sfew2" });
    const trainOnly = data(parts("train"), { adapter: "rafdb" });
    const arg = data(parts("train", "val", "test"), { adapter: "ferplus", options: { rule: "arg-max" } });
    const majority = data(parts("train", "val", "test"), { adapter: "ferplus", options: { rule: "majority" } });
    expect({
      dataset: await refused({ protocol: "rafdb" }, other),
      several: await refused({ protocol: "rafdb" }, rafdb, other),
      part: await refused({ protocol: "rafdb" }, trainOnly),
      rule: await refused({ protocol: "ferplus-majority" }, arg),
      votes: await refused({ protocol: "ferplus-distribution" }, majority),
      class: await refused({ protocol: "ferplus-majority" }, majority),
      option: await refused({ protocol: "rafdb", classes: 8 }, rafdb),
      policy: await refused({ protocol: "rafdb", split: "ratio" }, rafdb),
    }).toMatchInlineSnapshot(`
      {
        "class": "assemble: no image shows contempt. Expected images of all 8 classes. Assemble with 7 classes, or add a dataset that has contempt.",
        "dataset": "protocol rafdb: data of sfew2. Expected rafdb alone.",
        "option": "assembler options: classes 8. Expected 7, which the protocol rafdb fixes. Leave it out, or do without the protocol.",
        "part": "protocol rafdb: no image of test. Expected the owner's parts train, test.",
        "policy": "assembler options: split ratio. Expected official, which the protocol rafdb fixes. Leave it out, or do without the protocol.",
        "rule": "protocol ferplus-majority: it was extracted with rule arg-max. Expected rule majority.",
        "several": "protocol rafdb: data of rafdb, sfew2. Expected rafdb alone.",
        "votes": "protocol ferplus-distribution: images without votes. Expected votes for every image.",
      }
    `);
  });
});
