/** Runs held against each other. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { compareRuns, FerTrainer } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";

const base = { architecture: "tiny", engine: "cpu", epochs: 1, report: false, baselines: false } as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-compare-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 40 } });
  for (const [name, seed] of [
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ] as const)
    await fit(name, { seed });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const fit = (name: string, { of = set, ...more }: { of?: AssembledSet; seed?: number }) =>
  new FerTrainer({ ...base, ...more, to: at(name) }).fit(of);
const compare = (names: string[], more: object = {}) => compareRuns(names.map(at), { resamples: 400, ...more });

test("scores, differences and tests follow from the predictions of the runs", async () => {
  const { runs, ...about } = await compare(["a", "b", "c"]);
  expect(about).toEqual({ set: "tiny", part: "test", images: 40, units: "images", unitCount: 40, resamples: 400 });
  expect(runs.map(({ run }) => run)).toEqual(["a", "b", "c"].map(at));
  const [a, b, c] = runs;
  expect(a!.against).toBeNull();
  for (const run of [b!, c!]) {
    const { differences, onlyRight, p, pHolm } = run.against!;
    const gap = run.scores.accuracy.value - a!.scores.accuracy.value;
    expect(differences.accuracy.value).toBeCloseTo(gap, 12);
    expect((onlyRight.second - onlyRight.first) / 40).toBeCloseTo(gap, 12);
    expect(pHolm).toBeGreaterThanOrEqual(p);
    for (const { value, low, high } of [...Object.values(differences), ...Object.values(run.scores)])
      expect([low <= value, value <= high]).toEqual([true, true]);
  }
  expect((await compare(["a", "b"])).runs[1]!.scores).toEqual(b!.scores);
});

test("a run does not differ from itself", async () => {
  const { runs } = await compare(["a", "a"]);
  expect(runs[1]!.against).toMatchObject({
    differences: { accuracy: { value: 0, low: 0, high: 0 }, macroF1: { value: 0, low: 0, high: 0 } },
    onlyRight: { first: 0, second: 0 },
    p: 1,
  });
});

test("with the set, its groups are drawn", async () => {
  const { units, unitCount, runs } = await compare(["a", "b"], { set });
  // four images each
  expect([units, unitCount]).toEqual(["groups", 10]);
  expect(runs[0]!.scores).not.toEqual((await compare(["a", "b"])).runs[0]!.scores);
});

test("folds are compared as they are pooled", async () => {
  const folds = await tinySet(at("folds-set"), { name: "folded", folds: 2 });
  for (const seed of [1, 2]) await fit(`folds-${seed}`, { seed, of: folds });
  expect(await compare(["folds-1", "folds-2"], { set: folds })).toMatchObject({
    part: "folds",
    images: 48,
    unitCount: 12,
  });
  folds.close();
});

test("refuses what cannot be paired", async () => {
  const message = (error: Error): string => error.message.replaceAll(folder, "<folder>");
  const other = await tinySet(at("other-set"), { name: "other", parts: { train: 48, val: 11, test: 40 } });
  const bare = await tinySet(at("bare-set"), { name: "bare", parts: { train: 48 } });
  await fit("other", { of: other });
  await fit("bare", { of: bare });
  expect(await compare(["a"]).then(String, message)).toMatchInlineSnapshot(
    `"compare: one run. Expected two runs or more."`,
  );
  expect(await compare(["a", "other"]).then(String, message)).toMatchInlineSnapshot(
    `"<folder>/other: row 1 of its predictions is face-59 (happy) instead of face-60 (neutral). Expected the same images as <folder>/a: a comparison is image by image. Compare runs of one set."`,
  );
  expect(await compare(["a", "bare"]).then(String, message)).toMatchInlineSnapshot(
    `"<folder>/bare: its set had no test part. Expected runs that were tested. Train on a set with a test part, or in folds."`,
  );
  expect(await compare(["a", "b"], { set: other }).then(String, message)).toMatchInlineSnapshot(
    `"set other: other data than the runs were tested on. Expected set tiny as it was then. Name that set, or leave it out to draw single images."`,
  );
  other.close();
  bare.close();
  const controller = new AbortController();
  controller.abort(new Error("Ctrl-C"));
  await expect(compare(["a", "b"], { signal: controller.signal })).rejects.toThrow("Ctrl-C");
});
