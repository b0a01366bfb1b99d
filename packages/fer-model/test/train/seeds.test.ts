/** Several runs of one configuration. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeedsSummary } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, openRun, openSeeds } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = { architecture: "tiny", engine: "cpu", epochs: 2, report: false, baselines: false } as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-seeds-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 30 } });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const trainer = (name: string, more: object = {}) => new FerTrainer({ ...base, ...more, to: join(folder, name) });

/** Probabilities of `predictions.csv`, and the class of each row. */
async function predictionsOf(run: string): Promise<{ truth: string[]; rows: number[][] }> {
  const lines = (await readFile(join(run, "predictions.csv"), "utf8")).trim().split("\n").slice(1);
  const cells = lines.map((line) => line.split(","));
  return { truth: cells.map((row) => row[1]!), rows: cells.map((row) => row.slice(-3).map(Number)) };
}

test("each seed is the run that it is alone; their scores, mean, deviation and ensemble are summed up", async () => {
  const { runs, summary, folder: to } = await trainer("three").fitSeeds(set, { seeds: [1, 2, 3] });
  const alone = await trainer("alone", { seed: 2 }).fit(set);
  expect(await tree(join(to, "seed-2"))).toEqual(await tree(alone.folder));
  expect(SeedsSummary.parse(JSON.parse(await readFile(join(to, "seeds.json"), "utf8")))).toEqual(summary);

  const { rows, spread, ensemble, ...tested } = summary.tested!;
  expect(tested).toMatchObject({ set: { name: "tiny" }, part: "test", count: 30 });
  expect(rows.map(({ seed, accuracy, loss }) => ({ seed, accuracy, loss }))).toEqual(
    runs.map(({ config, metrics }) => ({ seed: config.seed, accuracy: metrics!.accuracy, loss: metrics!.loss })),
  );
  const values = rows.map(({ macroF1 }) => macroF1);
  const mean = (values[0]! + values[1]! + values[2]!) / 3;
  expect(spread.macroF1.mean).toBeCloseTo(mean, 12);
  expect(spread.macroF1.deviation).toBeCloseTo(
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2),
    12,
  );

  const files = await Promise.all(runs.map((run) => predictionsOf(run.folder)));
  const classes = ["neutral", "anger", "happy"];
  let [hits, loss] = [0, 0];
  for (const [row, name] of files[0]!.truth.entries()) {
    const mixed = classes.map((_, c) => files.reduce((sum, file) => sum + file.rows[row]![c]!, 0) / 3);
    if (mixed.indexOf(Math.max(...mixed)) === classes.indexOf(name)) hits++;
    loss -= Math.log(mixed[classes.indexOf(name)]!) / 30;
  }
  expect(ensemble.accuracy).toBeCloseTo(hits / 30, 12);
  expect(ensemble.loss).toBeCloseTo(loss, 6);
});

test("what is trained is kept: more seeds, or an interruption, train the others alone", async () => {
  const to = join(folder, "kept");
  const controller = new AbortController();
  const stages: string[] = [];
  let steps = 0;
  const stopped = trainer("kept").fitSeeds(set, {
    seeds: [4, 5],
    signal: controller.signal,
    onProgress: ({ stage }) => void stages.push(stage),
    // Two steps an epoch: after four in the first run, two in the second.
    callbacks: [{ name: "abort", onStepEnd: () => void (++steps === 6 && controller.abort()) }],
  });
  await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
  expect([...new Set(stages)]).toEqual(["seed 4: train", "seed 5: train"]);
  const first = await tree(join(to, "seed-4"));

  const { runs } = await trainer("kept").fitSeeds(set, { seeds: [4, 5] });
  expect(runs.map(({ reused }) => reused)).toEqual([true, false]);
  expect(await tree(join(to, "seed-4"))).toEqual(first);
  expect(await tree(join(to, "seed-5"))).toEqual(await tree((await trainer("five", { seed: 5 }).fit(set)).folder));

  const more = await trainer("kept").fitSeeds(set, { seeds: [6, 4] });
  expect(more.runs.map(({ reused }) => reused)).toEqual([false, true]);
  expect(more.summary.seeds).toEqual([6, 4]);
});

test("folds are pooled in each run, and summed up over the seeds", async () => {
  const folds = await tinySet(join(folder, "folds-set"), { name: "folded", folds: 2 });
  const { summary, runs } = await trainer("folds").fitSeeds(folds, { seeds: [1, 2] });
  expect(summary.tested).toMatchObject({ part: "folds", count: 48 });
  expect(summary.tested!.rows.map(({ accuracy }) => accuracy)).toEqual(runs.map(({ metrics }) => metrics!.accuracy));
  folds.close();
});

test("a number stands for the seeds from 1 to it, and the folder is opened again", async () => {
  const { runs, summary, folder: to } = await trainer("counted", { epochs: 1 }).fitSeeds(set, { seeds: 2 });
  expect(runs.map(({ config }) => config.seed)).toEqual([1, 2]);
  const opened = await openSeeds(to);
  expect(opened.summary).toEqual(summary);
  expect(opened.runs.map((run) => run.folder)).toEqual(runs.map((run) => run.folder));
  // interrupted before it was summed up
  await rm(join(to, "seeds.json"));
  expect((await openSeeds(to)).summary).toEqual(summary);
  await expect(openSeeds(join(folder, "set"))).rejects.toMatchObject({ code: "NO_RUNS" });
  await expect(trainer("zero").fitSeeds(set, { seeds: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: trainer options: seeds: received 0. Expected more than 0.]`,
  );
});

test("without a test part there is nothing to sum up", async () => {
  const bare = await tinySet(join(folder, "bare-set"), { name: "bare", parts: { train: 48 } });
  const { summary } = await trainer("bare", { epochs: 1 }).fitSeeds(bare, { seeds: [1] });
  expect(summary).toEqual({ schema: 1, seeds: [1], tested: null });
  bare.close();
});

test("refuses equal seeds, other options, and a folder that holds something else", async () => {
  await expect(trainer("twice").fitSeeds(set, { seeds: [1, 2, 1] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: seeds: 1 more than once. Expected seeds that differ. Name each once: equal seeds give equal runs.]`,
  );
  await expect(trainer("none").fitSeeds(set, { seeds: [] })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  await expect(trainer("three", { epochs: 3 }).fitSeeds(set, { seeds: [1] })).rejects.toMatchObject({
    code: "OTHER_OPTIONS",
  });
  const message = (error: Error): string => error.message.replaceAll(folder, "<folder>");
  const run = await trainer("run").fit(set);
  expect(
    await trainer("run")
      .fitSeeds(set, { seeds: [1] })
      .then(String, message),
  ).toMatchInlineSnapshot(
    `"train: "<folder>/run" holds "best.h5", which is not the run of a seed. Expected a new folder, or one of seeds (seed-1, seed-2, ..., seeds.json). Choose another --to; nothing was changed."`,
  );
  expect(await tree(run.folder)).toEqual(await tree((await openRun(run.folder)).folder));
  expect(await trainer("three").fit(set).then(String, message)).toMatchInlineSnapshot(
    `"train: "<folder>/three" holds 4 entries (first "seed-1") and not what train writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
  );
  expect(await openRun(join(folder, "three")).then(String, message)).toMatchInlineSnapshot(
    `"<folder>/three: it holds runs of several seeds. Expected the folder of a finished run. Pass one of them, such as <folder>/three/seed-1."`,
  );
  await mkdir(join(folder, "notes"));
  await writeFile(join(folder, "notes", "notes.txt"), "mine");
  await expect(trainer("notes").fitSeeds(set, { seeds: [1] })).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
});
