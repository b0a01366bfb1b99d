/** The pooled result of a k-fold run, made from the files of its folds. */
import type { AssembledSet } from "@fer/core/set";
import { join } from "node:path";
import { writeAtomic } from "@fer/core";
import { softened } from "@fer/core/inference";
import { metricsOf } from "../predict/metrics-of.js";
import { Subset } from "../data/subset.js";
import { factsOf, joinFacts, type SampleFacts } from "../predict/sample-facts.js";
import { joinPredictions, parsePredictions } from "../predict/predictions-file.js";
import {
  certaintyOf,
  foldFolder,
  Metrics,
  ModelInfo,
  readTrainingIndex,
  RUN_FILES,
  RunFolder,
  Scores,
  spreadsOf,
  writeJson,
} from "@fer/core/run";

/** Writes `metrics.json` and `predictions.csv` of the folds (numbers): every tested sample once, in fold order. */
export async function writePooled(
  folder: string,
  { folds, set, signal }: { folds: readonly number[]; set: AssembledSet; signal?: AbortSignal | undefined },
): Promise<void> {
  const names = folds.map(foldFolder);
  const runs = await Promise.all(names.map((name) => RunFolder.open(join(folder, name))));
  const tests = await Promise.all(runs.map(async (run) => (await run.json(RUN_FILES.metrics, Metrics))!));
  const files = await Promise.all(runs.map(async (run) => (await run.bytes(RUN_FILES.predictions))!.toString("utf8")));
  const { text, ...predicted } = joinPredictions(files, set.info.classes);
  const count = tests.reduce((sum, test) => sum + test.count, 0);
  const loss = tests.reduce((sum, test) => sum + test.loss * test.count, 0) / count;
  const all = await Subset.of(set.part("all"));
  const rows = await all.orderedRows();
  const known: SampleFacts[] = [];
  for (const [at, run] of runs.entries()) {
    const { test } = await set.fold(folds[at]!);
    const tested = { rows: Array.from(test, (row) => rows[row]!), index: await readTrainingIndex(run), signal };
    known.push(await factsOf(all.take(test), tested));
  }
  const facts = joinFacts(known);
  const metrics: Metrics = {
    ...(await metricsOf(predicted, { set, part: "folds", weights: tests[0]!.weights, loss, facts, signal })),
    folds: tests.map((test, index) =>
      Object.assign({ fold: folds[index]!, count: test.count, loss: test.loss }, Scores.parse(test)),
    ),
    spread: spreadsOf(tests),
    ...(await uncalibrated({ runs, tests, files, classes: set.info.classes })),
    ...seenInFolds(tests),
  };
  await writeAtomic(join(folder, RUN_FILES.predictions), text);
  await writeJson(join(folder, RUN_FILES.set), set.info);
  await writeJson(join(folder, RUN_FILES.metrics), metrics);
}

interface TestedFolds {
  runs: readonly RunFolder[];
  tests: readonly Metrics[];
  /** Texts of their predictions. */
  files: readonly string[];
  classes: readonly string[];
}

/** What loss and calibration error are without the temperature of each fold, where one has any. */
async function uncalibrated({ runs, tests, files, classes }: TestedFolds): Promise<Pick<Metrics, "uncalibrated">> {
  if (tests.every((test) => test.uncalibrated === undefined)) return {};
  const [probabilities, labels]: [number[], number[]] = [[], []];
  for (const [at, run] of runs.entries()) {
    const { temperature = 1 } = (await run.json(RUN_FILES.model, ModelInfo))!;
    const said = parsePredictions(files[at]!, classes);
    for (const p of softened(said.probabilities, { classes: classes.length, temperature: 1 / temperature }))
      probabilities.push(p);
    for (const label of said.truth) labels.push(label);
  }
  const losses = tests.reduce((sum, test) => sum + (test.uncalibrated ?? test).loss * test.count, 0);
  const { calibrationError } = certaintyOf({ probabilities, truth: labels });
  return { uncalibrated: { loss: losses / labels.length, calibrationError } };
}

/** What the network that all folds started from had seen, where they started from one. */
function seenInFolds(tests: readonly Metrics[]): Pick<Metrics, "seen"> {
  const seen = tests.map((test) => test.seen);
  if (seen.includes(undefined)) return {};
  if (seen.includes(null)) return { seen: null };
  const sum = (key: "images" | "groups"): number => seen.reduce((total, each) => total + each![key], 0);
  return { seen: { images: sum("images"), groups: sum("groups") } };
}
