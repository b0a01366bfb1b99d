/** Trainings whose epochs draw the oversampled rows of the set. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FerTrainer } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldSamples, partSamples, type Samples } from "../../dist/data/samples.js";
import { Subset } from "../../dist/data/subset.js";
import { readSampleWeights } from "../../dist/train/sample-weights.js";
import { type TrainTask, withTraining } from "../../dist/train/task.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 2,
  batchSize: 12,
  report: false,
  baselines: false,
} as const;

/** Anger comes three times, happy twice. */
const TIMES = [1, 3, 2];
const timesDrawn = (label: number): number => TIMES[label]!;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-oversample-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** How often each training sample is drawn, by id. */
async function timesById({ train, drawn }: Samples): Promise<Record<string, number>> {
  const ids = await train.ids();
  const times = Object.fromEntries(ids.map((id) => [id, 0]));
  for (const position of drawn!) times[ids[position]!]! += 1;
  return times;
}

describe("what an epoch draws", () => {
  const expected = (ids: string[]): Record<string, number> =>
    Object.fromEntries(ids.map((id) => [id, timesDrawn(Number(id.slice(5)) % 3)]));

  test("every training sample as often as the set says, and none that validates", async () => {
    const set = await tinySet(join(folder, "parts"), { parts: { train: 60, test: 12 }, timesDrawn });
    for (const valShare of [0, 0.2]) {
      const samples = await partSamples(set, { seed: 1, valShare, oversample: true });
      expect(samples.val?.count ?? 0).toBe(60 - samples.train.count);
      expect(await timesById(samples)).toEqual(expected(await samples.train.ids()));
    }
    expect((await partSamples(set, { seed: 1, valShare: 0, oversample: false })).drawn).toBeNull();
    set.close();
  });

  test("of a fold likewise", async () => {
    const set = await tinySet(join(folder, "folds"), { folds: 3, parts: { all: 60 }, timesDrawn });
    const all = await Subset.of(set.part("all"));
    for (const fold of [1, 2, 3]) {
      const samples = await foldSamples(set, { fold, all, seed: 1, valShare: 0.2, oversample: true });
      expect(await timesById(samples)).toEqual(expected(await samples.train.ids()));
    }
    set.close();
  });
});

test("weights and targets go with the samples that are drawn", async () => {
  const set = await tinySet(join(folder, "aligned"), { parts: { train: 60 }, votes: true, timesDrawn });
  const file = join(folder, "weights.csv");
  await writeFile(file, `id,weight\n${Array.from({ length: 60 }, (_, i) => `face-${i},${i / 8}`).join("\n")}\n`);
  const options = new FerTrainer({ ...base, oversample: true, labels: { name: "votes" } }).options;
  const samples = await partSamples(set, { ...options, valShare: 0 });
  const task = {
    options,
    given: {},
    samples,
    sampleWeights: await readSampleWeights(file),
    start: null,
    teacher: null,
  };
  await withTraining(task as unknown as TrainTask, async ({ drawn, rowWeights, targets }) => {
    const ids = await drawn.ids();
    expect(ids.length).toBe(120);
    expect([...rowWeights!]).toEqual(ids.map((id) => Number(id.slice(5)) / 8));
    for (const [row, label] of drawn.labels.entries()) {
      const target = targets!.subarray(row * 3, row * 3 + 3);
      // three votes for the class and one for the next, or its class alone where nobody voted
      const known = !Number.isNaN(drawn.votes![row * 3]!);
      expect(target[label]).toBeCloseTo(known ? 0.75 : 0.9 + 0.1 / 3, 6);
    }
  });
  set.close();
});

test("with every row once it trains to the same weights as without, and else to others", async () => {
  const once = await tinySet(join(folder, "once"), { timesDrawn: () => 1 });
  const more = await tinySet(join(folder, "more"), { timesDrawn });
  const weights = async (name: string, set: typeof once, oversample: boolean) => {
    const run = await new FerTrainer({ ...base, oversample, to: join(folder, name) }).fit(set);
    return (await tree(run.folder))["last.h5"];
  };
  const plain = await weights("run plain", once, false);
  expect(await weights("run once", once, true)).toEqual(plain);
  expect(await weights("run more plain", more, false)).toEqual(plain);
  expect(await weights("run more", more, true)).not.toEqual(plain);
  once.close();
  more.close();
});

test("the run says what an epoch draws, in the report too; without it neither does", async () => {
  const set = await tinySet(join(folder, "told"), { parts: { train: 48, val: 12, test: 12 }, timesDrawn });
  const fit = (name: string, oversample: boolean) =>
    new FerTrainer({ ...base, oversample, report: true, to: join(folder, name) }).fit(set);
  const [oversampled, plain] = [await fit("told run", true), await fit("untold run", false)];
  expect(oversampled.config.samples).toEqual({ train: 48, drawn: 96, val: 12, test: 12 });
  expect(oversampled.config.options).toHaveProperty("oversample", true);
  expect(plain.config.samples).toEqual({ train: 48, val: 12, test: 12 });
  expect(plain.config.options).not.toHaveProperty("oversample");
  const said = "96 images in an epoch: those of small classes several times, so that every class is about as often";
  const reportOf = (run: typeof plain) => readFile(join(run.folder, "report.html"), "utf8");
  expect(await reportOf(oversampled)).toContain(said);
  expect(await reportOf(plain)).not.toContain("in an epoch");
  set.close();
});

test("a set without such rows is refused, and class weights beside them", async () => {
  const [without, with_] = [
    await tinySet(join(folder, "without")),
    await tinySet(join(folder, "with"), { timesDrawn }),
  ];
  const refused = (set: typeof without, more: object) =>
    new FerTrainer({ ...base, oversample: true, ...more, to: join(folder, "refused") })
      .fit(set)
      .then(String, (error: Error) => error.message);
  expect(await refused(without, {})).toMatchInlineSnapshot(
    `"oversample: the set tiny was assembled without rows in which classes are equally often. Expected a set that has them. Assemble it again with oversample (fer assemble --oversample), or weigh classes in place of it: classWeights balanced."`,
  );
  expect(await refused(with_, { classWeights: "balanced" })).toMatchInlineSnapshot(
    `"classWeights: classWeights balanced and oversample. Expected one of them. Leave one out: drawn equally often, classes have the same weight already."`,
  );
  without.close();
  with_.close();
});
