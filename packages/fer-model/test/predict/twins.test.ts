/** Scores without the images that a network knows, and by dataset. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dhash } from "@fer/core";
import { readTrainingIndex, RUN_FILES, RunFolder, scoredSubsets } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, type Run } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { metricsOf } from "../../dist/predict/metrics-of.js";
import { joinFacts } from "../../dist/predict/sample-facts.js";
import { tinySet } from "../tiny-set.ts";

const base = { architecture: "tiny", engine: "cpu", epochs: 3, report: false, baselines: false, views: 1 } as const;

let folder: string;
let set: AssembledSet;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-twins-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 36, val: 12, test: 40 } });
  run = await new FerTrainer({ ...base, to: join(folder, "run") }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

test("a run keeps the hashes of what it was trained and validated on, as its set has the images", async () => {
  const index = (await readTrainingIndex(await RunFolder.open(run.folder)))!;
  const wanted = new Set<string>();
  for (const part of ["train", "val"] as const) {
    const { count } = set.part(part);
    const pixels = await set.part(part).read(Uint32Array.from({ length: count }, (_, i) => i));
    for (let i = 0; i < count; i++)
      wanted.add(dhash({ width: 8, height: 8, data: pixels.subarray(i * 64, (i + 1) * 64) }));
  }
  expect([...index.hashes!].sort()).toEqual([...wanted].sort());
  expect([...wanted].every((hash) => index.hasNear!(hash))).toBe(true);
});

test("on its own set and on another, images that it knows are left out once more", async () => {
  expect(run.metrics!.twins!.exact).toMatchObject({
    images: 0,
    without: { count: 40, accuracy: run.metrics!.accuracy },
  });
  // Pictures 12 to 71, of which the run has seen those before 48.
  const other = await tinySet(join(folder, "other"), { name: "other", parts: { train: 12, test: 60 } });
  const metrics = await run.evaluate(other);
  const known = metrics.twins!.exact;
  expect([known.images, known.without!.count, metrics.seen!.images]).toEqual([36, 24, 36]);
  const rows = Uint32Array.from({ length: 24 }, (_, i) => 36 + i);
  const said = await run.predict(await other.part("test").read(rows));
  const labels = (await other.part("test").labels()).subarray(36);
  const right = said.filter(({ expression }, i) => expression === other.info.classes[labels[i]!]).length;
  expect(known.without!.accuracy).toBe(right / 24);
  expect(known.without!.intervals).toMatchObject({ units: "groups", unitCount: 6 });
  expect(metrics.twins!.near!.images).toBeGreaterThanOrEqual(36);
  // the set's hashes tell the same of its own training part: all of it
  const { twins } = await run.evaluate(set, { part: "train" });
  expect(twins).toEqual({ exact: { images: 36, without: null }, near: { images: 36, without: null } });
  other.close();
});

test("folds are looked up each in what it was trained on", async () => {
  const folded = await tinySet(join(folder, "folded"), { name: "folded", folds: 2 });
  const folds = await new FerTrainer({ ...base, epochs: 1, to: join(folder, "folds") }).fit(folded);
  expect(folds.metrics!.twins!.exact).toMatchObject({ images: 0, without: { count: 48 } });
  folded.close();
});

test("a run without hashes tells exact twins alone", async () => {
  const copy = await run.save(join(folder, "early"));
  const files = await RunFolder.open(copy.folder);
  await rm(join(copy.folder, RUN_FILES.trainingHashes));
  await files.manifest!.update({ removed: [RUN_FILES.trainingHashes] });
  const { openRun } = await import("@fer/model");
  const { twins } = await (await openRun(copy.folder)).evaluate(set);
  expect([twins!.exact.images, twins!.near]).toEqual([0, null]);
});

test("a part of several datasets is scored by dataset", async () => {
  const truth = [0, 0, 1, 1, 2, 2];
  const predicted = [0, 1, 1, 1, 2, 0];
  const probabilities = Float32Array.from(predicted.flatMap((label) => [0, 1, 2].map((at) => (at === label ? 1 : 0))));
  const facts = joinFacts([
    {
      groups: [null, null, null],
      sources: ["rafdb", "rafdb", "ckplus"],
      twins: { exact: [true, false, false], near: null },
    },
    {
      groups: [null, null, null],
      sources: ["ckplus", "ckplus", "ckplus"],
      twins: { exact: [false, false, true], near: [false, true, true] },
    },
  ]);
  const predictions = { truth, predicted, probabilities, majority: null, ridge: null };
  const metrics = await metricsOf(predictions, { set, part: "test", weights: "best", loss: 0, facts });
  expect(metrics.sources).toMatchObject({ rafdb: { count: 2, accuracy: 0.5 }, ckplus: { count: 4, accuracy: 0.75 } });
  // one of the two lists has no hashes
  expect(metrics.twins).toMatchObject({ exact: { images: 2, without: { count: 4, accuracy: 0.75 } }, near: null });
  expect(scoredSubsets(metrics).map(({ name }) => name)).toEqual([
    "without 2 exact twins",
    "of rafdb, 2",
    "of ckplus, 4",
  ]);
  const unknown = await metricsOf(predictions, {
    set,
    part: "test",
    weights: "best",
    loss: 0,
    facts: { ...facts, sources: truth.map(() => "rafdb"), twins: null },
  });
  expect([unknown.twins, unknown.sources]).toEqual([undefined, undefined]);
});
