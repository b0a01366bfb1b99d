/**
 * Protocols on the owners' own lists (FER_DATA): parts and classes count as their papers say. The pictures are generated,
 * for the lists are all there is: the private test of FER2013 is not among them, nor are the labels of AffectNet, AFEW
 * and Aff-Wild2.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXPRESSIONS } from "@fer/core";
import { extract } from "@fer/dataset-extractors";
import { Assembler, protocols } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { encodePng } from "./fixtures/png.ts";

const folder = testFolder();
const data = process.env["FER_DATA"] ?? "";
const list = (name: string): string => join(data, "annotations", name);
const linesOf = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");
const grey = (level: number): Buffer =>
  encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(level) });
const byName = (counts: readonly number[]) =>
  Object.fromEntries(counts.map((count, label) => [EXPRESSIONS[label]!, count]));

describe.skipIf(data === "")("protocols on the owners' lists (needs FER_DATA)", () => {
  it("rafdb: 12,271 and 3,068 images, class by class", { timeout: 300_000 }, async () => {
    const images = folder.at("rafdb/basic/Image/aligned");
    mkdirSync(images, { recursive: true });
    mkdirSync(folder.at("rafdb/basic/EmoLabel"));
    cpSync(list("rafdb_list_patition_label.txt"), folder.at("rafdb/basic/EmoLabel/list_patition_label.txt"));
    for (const [row, line] of linesOf(list("rafdb_list_patition_label.txt")).entries())
      writeFileSync(join(images, line.split(" ")[0]!.replace(".jpg", "_aligned.jpg")), grey(row % 256));
    await extract({ adapter: "rafdb", from: folder.at("rafdb"), to: folder.at("data/rafdb"), workers: 1 });
    const plan = await new Assembler({ name: "raf", protocol: "rafdb", near: false }).plan([folder.at("data/rafdb")]);
    expect(plan.protocol).toMatchObject({ name: "rafdb", metric: "balancedAccuracy", status: "match", details: [] });
    expect([plan.parts.train!.count, plan.parts.test!.count]).toEqual([12_271, 3068]);
  });

  it("ferplus-majority and -distribution: the class of most votes, part by part", { timeout: 600_000 }, async () => {
    mkdirSync(folder.at("ferplus"));
    const votes = linesOf(list("ferplus_fer2013new.csv"));
    cpSync(list("ferplus_fer2013new.csv"), folder.at("ferplus/fer2013new.csv"));
    const pixels = Array.from({ length: 256 }, (_, level) => `${level} `.repeat(2304).trim());
    const rows = votes.slice(1).map((line, row) => {
      const [usage, , ...counts] = line.split(",");
      return `${emotionOf(counts)},${pixels[row % 256]!},${usage!}`;
    });
    writeFileSync(folder.at("ferplus/fer2013.csv"), `${["emotion,pixels,Usage", ...rows].join("\n")}\n`);
    await extract({ adapter: "ferplus", from: folder.at("ferplus"), to: folder.at("data/ferplus"), workers: 2 });
    for (const protocol of ["ferplus-majority", "ferplus-distribution"] as const) {
      const plan = await new Assembler({ name: "plus", protocol, near: false }).plan([folder.at("data/ferplus")]);
      expect(plan.protocol).toMatchObject({ name: protocol, metric: "accuracy", status: "match", details: [] });
      expect([plan.parts.train!.count, plan.parts.val!.count, plan.parts.test!.count]).toEqual([25_060, 3199, 3153]);
    }
  });

  it("fer2013: Training and PublicTest class by class, the size of PrivateTest; refused without it", async () => {
    const of = protocols.fer2013.counts;
    const names = execFileSync("tar", ["tzf", join(data, "fer2013-train-and-public.tar.gz")], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    const owner = { angry: "anger", disgust: "disgust", fear: "fear", happy: "happy", sad: "sad" } as const;
    const found: Record<string, Record<string, number>> = { Training: {}, PublicTest: {} };
    for (const line of names.split("\n")) {
      const [, expression, usage] = /([a-z]+)\/(Training|PublicTest)_\d+\.\w+$/.exec(line) ?? [];
      if (usage === undefined) continue;
      const name = owner[expression as keyof typeof owner] ?? expression!;
      found[usage]![name] = (found[usage]![name] ?? 0) + 1;
    }
    expect(found).toEqual({ Training: byName(of.train), PublicTest: byName(of.val) });
    const usages = linesOf(list("ferplus_fer2013new.csv")).map((line) => line.split(",", 1)[0]);
    expect(usages.filter((usage) => usage === "PrivateTest")).toHaveLength(of.test.reduce((a, b) => a + b, 0));
    await extract({ adapter: "fer2013", from: join(data, "fer2013-mini"), to: folder.at("data/fer2013"), workers: 1 });
    const plan = () =>
      new Assembler({ name: "fer", protocol: "fer2013", near: false }).plan([folder.at("data/fer2013")]);
    expect(await folder.messageOf(plan)).toMatchInlineSnapshot(
      `"protocol fer2013: no image of test. Expected the owner's parts train, val, test."`,
    );
  });
});

/** An emotion of FER2013 that most voters saw: its own labels are not among the lists, and FER+ does not look at them. */
function emotionOf(votes: readonly string[]): number {
  const counts = votes.map(Number);
  return [6, 3, 5, 4, 0, 1, 2][counts.indexOf(Math.max(...counts))] ?? 6;
}
