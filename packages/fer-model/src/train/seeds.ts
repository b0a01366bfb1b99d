/** What several runs of one configuration, which differ in their seed, say together. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FormatError, OptionsError } from "@fer/core";
import { argMaxRows, labelLoss } from "@fer/core/inference";
import {
  confusionMatrix,
  type Metrics,
  parseJson,
  RUN_FILES,
  RunFolder,
  seedFolder,
  SEEDS_FILE,
  seedsAmong,
  Scores,
  scoresOf,
  SeedsSummary,
  spreadsOf,
} from "@fer/core/run";
import { z } from "zod";
import { meanPredictions } from "../predict/predictions-file.js";
import { openRun, type Run } from "../predict/run.js";
import type { FitContext } from "./task.js";

export const SeedsOptions = z.strictObject({
  seeds: z
    .union([z.number().int().positive().max(1000), z.array(z.number().int().nonnegative()).min(1)])
    .describe("Seeds to train with in place of seed, each a run of its own, <to>/seed-<n>; a number: 1 to that"),
});

/** The seeds that are asked for. @throws OptionsError where one stands twice. */
export function seedsOf(seeds: z.infer<typeof SeedsOptions>["seeds"]): readonly number[] {
  if (typeof seeds === "number") return Array.from({ length: seeds }, (_, index) => index + 1);
  refuseTwice(seeds);
  return seeds;
}

/** Several runs of one configuration. */
export interface SeedRuns {
  /** Has a run folder a seed, and `seeds.json`. */
  folder: string;
  /** In the order of the seeds. */
  runs: Run[];
  /** As `seeds.json`. */
  summary: SeedsSummary;
}

/** The summary of runs on one set, from their files. */
export async function summaryOf(runs: readonly Run[]): Promise<SeedsSummary> {
  const tests = runs.flatMap(({ metrics }) => (metrics === null ? [] : [metrics]));
  const seeds = runs.map(({ config }) => config.seed);
  if (tests.length < runs.length) return { schema: 1, seeds, tested: null };
  const [{ set, part, count, classes }] = tests as [Metrics, ...Metrics[]];
  return {
    schema: 1,
    seeds,
    tested: {
      set,
      part,
      count,
      rows: tests.map((test, at) =>
        Object.assign({ seed: seeds[at]!, weights: test.weights, loss: test.loss }, Scores.parse(test)),
      ),
      spread: spreadsOf(tests),
      ensemble: await ensembleOf(runs, classes),
    },
  };
}

/** Scores of the mean of the probabilities that stand in the runs' files. */
async function ensembleOf(
  runs: readonly Run[],
  classes: readonly string[],
): Promise<NonNullable<SeedsSummary["tested"]>["ensemble"]> {
  const files = await Promise.all(
    runs.map(async ({ folder }) => (await (await RunFolder.open(folder)).bytes(RUN_FILES.predictions))!.toString()),
  );
  const { truth, probabilities } = meanPredictions(files, classes);
  const predicted = argMaxRows(probabilities, classes.length);
  return { loss: labelLoss(probabilities, truth), ...scoresOf(confusionMatrix({ truth, predicted }, classes.length)) };
}

function refuseTwice(seeds: readonly number[]): void {
  const twice = seeds.find((seed, at) => seeds.indexOf(seed) < at);
  if (twice === undefined) return;
  throw new OptionsError({
    code: "SEED_TWICE",
    subject: "seeds",
    found: `${twice} more than once`,
    expected: "seeds that differ",
    fix: "Name each once: equal seeds give equal runs",
  });
}

/** @throws FormatError where the folder holds something else than runs of seeds, such as a run. */
export async function refuseOthers(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const isOurs = (entry: string): boolean => entry === SEEDS_FILE || seedsAmong([entry]).length > 0;
  const other = entries.sort().find((entry) => !entry.startsWith(".") && !isOurs(entry));
  if (other === undefined) return;
  throw new FormatError({
    code: "TARGET_NOT_EMPTY",
    subject: "train",
    found: `"${folder}" holds "${other}", which is not the run of a seed`,
    expected: `a new folder, or one of seeds (seed-1, seed-2, ..., ${SEEDS_FILE})`,
    fix: "Choose another --to; nothing was changed",
  });
}

/**
 * Opens a folder of runs of several seeds, and sums up what their files say.
 *
 * @throws FormatError `NO_RUNS` where there are none, or one of them is not as it was written.
 * @example
 * ```ts
 * import { openSeeds } from "@fer/model";
 *
 * const { runs, summary } = await openSeeds("runs/seeds");
 * console.log(runs.length, summary.tested?.ensemble.accuracy); // such as 3 0.73
 * ```
 */
export async function openSeeds(folder: string): Promise<SeedRuns> {
  const seeds = await seedsIn(folder);
  if (seeds.length === 0) {
    throw new FormatError({
      code: "NO_RUNS",
      subject: folder,
      found: "it holds no run of a seed",
      expected: "what fer train wrote with seeds: seed-1, seed-2, ...",
    });
  }
  const runs = [];
  for (const seed of seeds) runs.push(await openRun(join(folder, seedFolder(seed))));
  return { folder, runs, summary: await summaryOf(runs) };
}

/** Those that the summary names; where a call was interrupted before it was written, those that are there. */
async function seedsIn(folder: string): Promise<readonly number[]> {
  const text = await readFile(join(folder, SEEDS_FILE), "utf8").catch(() => null);
  if (text !== null)
    return parseJson(Buffer.from(text), { path: join(folder, SEEDS_FILE), schema: SeedsSummary }).seeds;
  return seedsAmong(await readdir(folder).catch(() => []));
}

/** What a run is told: its progress says for which seed. */
export function ofSeed(context: FitContext, seed: number): FitContext {
  const { onProgress } = context;
  if (onProgress === undefined) return context;
  return {
    ...context,
    onProgress: (progress) => onProgress({ ...progress, stage: `seed ${seed}: ${progress.stage}` }),
  };
}
