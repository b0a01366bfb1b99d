/** Distillation: targets that are in part what finished runs say. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { softened } from "@fer/core/inference";
import type { AssembledSet } from "@fer/core/set";
import { readTrainingIndex, RunFolder } from "@fer/core/run";
import { FerTrainer, openRun, selectEngine } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blended } from "../../dist/data/soft-labels.js";
import { Subset } from "../../dist/data/subset.js";
import { openTeacher, taughtTargets } from "../../dist/train/teacher.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 2,
  batchSize: 12,
  views: 2,
  report: false,
  baselines: false,
} as const;

let folder: string;
let set: AssembledSet;
const at = (name: string): string => join(folder, name);
const trainer = (name: string, more: object = {}) => new FerTrainer({ ...base, ...more, to: at(name) });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-teacher-"));
  set = await tinySet(at("set"), { parts: { train: 48, val: 12, test: 12 } });
  for (const seed of [1, 2]) await trainer(`teacher-${seed}`, { seed, epochs: 4 }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

test("softened takes powers, and blended a share", () => {
  const rows = softened([0.64, 0.36, 0.04, 0.16], { classes: 2, temperature: 2 });
  [0.8 / 1.4, 0.6 / 1.4, 0.2 / 0.6, 0.4 / 0.6].forEach((value, i) => expect(rows[i]).toBeCloseTo(value, 6));
  // not yet of sum 1: a sum over runs
  expect([...softened([1.5, 0.5], { classes: 2, temperature: 1 })]).toEqual([0.75, 0.25]);
  const mixed = blended(Float32Array.of(1, 0), { taught: Float32Array.of(0.25, 0.75), share: 0.8 });
  expect([...mixed].map((value) => Number(value.toFixed(6)))).toEqual([0.4, 0.6]);
});

/** Raw pixels of a part. */
async function pixelsOf(of: AssembledSet): Promise<{ samples: Subset; pixels: Uint8Array }> {
  const samples = await Subset.of(of.part("train"));
  return { samples, pixels: await samples.read(Uint32Array.from({ length: samples.count }, (_, i) => i)) };
}

test("what is taught is the mean of what the runs predict, class by class by name", async () => {
  // The same pictures under other numbers of the classes.
  const other = await tinySet(at("turned"), { name: "turned", classes: ["happy", "neutral", "anger"] });
  const { samples, pixels } = await pixelsOf(other);
  const teacher = await openTeacher([at("teacher-1"), at("teacher-2")], other);
  const { options } = trainer("unused", { teacherTemperature: 3 });
  const task = { engine: await selectEngine("cpu"), given: {}, options };
  const found = await taughtTargets(teacher, { samples, task });
  const said = await Promise.all([1, 2].map(async (n) => (await openRun(at(`teacher-${n}`))).predict(pixels)));
  for (let row = 0; row < samples.count; row++) {
    const powers = samples.classes.map(
      (name) => ((said[0]![row]!.probabilities[name]! + said[1]![row]!.probabilities[name]!) / 2) ** (1 / 3),
    );
    const sum = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, c) => expect(found[row * 3 + c]).toBeCloseTo(power / sum, 5));
  }
  other.close();
});

test(
  "the same bytes with threads, after an interruption, and with a teacher that was moved",
  { timeout: 120_000 },
  async () => {
    const options = { teacher: [at("teacher-1")], teacherShare: 0.6, cutmix: 1, epochs: 3 };
    const whole = await trainer("whole", { ...options, workers: 0 }).fit(set);
    const expected = await tree(whole.folder);
    expect(whole.config.options["teacher"]).toEqual([expect.stringMatching(/^sha256 [0-9a-f]{64}$/)]);
    await cp(at("teacher-1"), at("moved"), { recursive: true });
    const moved = trainer("moved-teacher", { ...options, teacher: [at("moved")], workers: 2 });
    expect(await tree((await moved.fit(set)).folder)).toEqual(expected);
    const cut = trainer("cut", { ...options, workers: 1 });
    const controller = new AbortController();
    let steps = 0;
    const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === 6 && controller.abort()) }];
    await expect(cut.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(await tree((await cut.fit(set)).folder)).toEqual(expected);
    const taught = trainer("whole", { ...options, teacher: [at("teacher-2")] });
    await expect(taught.fit(set)).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
      context: { differences: [{ key: "options.teacher" }] },
    });
  },
);

test("with a share of 1 the labels decide nothing, with less they do", async () => {
  const lastOf = async (name: string, more: object) => {
    const options = { teacher: [at("teacher-1"), at("teacher-2")], ...more };
    return (await tree((await trainer(name, options).fit(set)).folder))["last.h5"];
  };
  const [sharp, smooth] = [{ labelSmoothing: 0 }, { labelSmoothing: 0.4 }];
  const all = { teacherShare: 1 };
  expect(await lastOf("all-sharp", { ...all, ...sharp })).toEqual(await lastOf("all-smooth", { ...all, ...smooth }));
  expect(await lastOf("part-sharp", sharp)).not.toEqual(await lastOf("part-smooth", smooth));
});

test("what a teacher has seen counts as seen", async () => {
  const other = await tinySet(at("other"), { name: "other", parts: { train: 12, val: 6, test: 60 } });
  const run = await trainer("seen", { teacher: [at("teacher-1")] }).fit(other);
  // The other test part begins where the train and val parts of 18 end: 42 of it were trained or validated on by the teacher.
  expect(run.metrics!.seen).toEqual({ images: 42, groups: expect.any(Number) });
  const index = (await readTrainingIndex(await RunFolder.open(run.folder)))!;
  expect(index.digests.size).toBe(60);
  expect((await run.evaluate(other)).seen).toEqual({ images: 60 - 18, groups: expect.any(Number) });
  other.close();
});

test("refuses runs that do not fit", async () => {
  const message = (error: Error): string => error.message.replaceAll(folder, "<folder>");
  const larger = await tinySet(at("larger"), { name: "larger", size: 10 });
  const fewer = await tinySet(at("fewer"), { name: "fewer", classes: ["neutral", "anger"] });
  const folds = await tinySet(at("folds-set"), { name: "folded", folds: 2 });
  await trainer("folds", { epochs: 1 }).fit(folds);
  const taught = trainer("refused", { teacher: [at("teacher-1")] });
  expect(await taught.fit(larger).then(String, message)).toMatchInlineSnapshot(
    `"teacher <folder>/teacher-1: images of 8 x 8 x 1. Expected those of the set: 10 x 10 x 1."`,
  );
  expect(await taught.fit(fewer).then(String, message)).toMatchInlineSnapshot(
    `"teacher <folder>/teacher-1: the classes neutral, anger, happy. Expected those of the set: neutral, anger."`,
  );
  const folded = trainer("refused", { teacher: [at("folds")] });
  expect(await folded.fit(set).then(String, message)).toMatchInlineSnapshot(
    `"teacher <folder>/folds: it has no weights of its own. Expected a run with weights: of folds, one of them."`,
  );
  expect(
    await trainer("refused", { teacher: [at("nowhere")] })
      .fit(set)
      .then(String, message),
  ).toMatchInlineSnapshot(
    `"<folder>/nowhere: no such file or folder. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first."`,
  );
  for (const each of [larger, fewer, folds]) each.close();
});
