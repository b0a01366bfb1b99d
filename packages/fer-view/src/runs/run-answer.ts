/** All that is known of a run, but its faces. */
import {
  type Intervals,
  METRIC_NAMES,
  type MetricName,
  Metrics,
  METRICS,
  RUN_FILES,
  type RunConfig,
  RunFolder,
  scoredSubsets,
  type Scores,
} from "@fer/core/run";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, identityOf, problemOf, underWay } from "../artifacts/catalog.js";
import type { RunAnswer, ScoreRow } from "../protocol.js";
import { liveRun } from "./histories.js";

/** @throws HttpProblem where there is none */
export async function runAnswer(catalog: Catalog, path: string): Promise<RunAnswer> {
  const place = await catalog.run(path);
  const live = await liveRun(catalog, place);
  const scores = METRIC_NAMES.map((name) => ({ name, title: METRICS[name].title }));
  const nothing = { metrics: null, scores, rows: [], hasPredictions: false, hasReport: false };
  const work = underWay(place);
  if (work !== null) {
    const { options, data } = identityOf(work);
    const set = await catalog.setOf(data);
    return { ...live, ...nothing, set, facts: factsOf({ options, data }) };
  }
  const folder = place.folder!;
  try {
    const run = await RunFolder.open(folder);
    const metrics = await run.json(RUN_FILES.metrics, Metrics);
    return {
      ...live,
      facts: factsOf(run.config),
      metrics,
      scores,
      rows: [...(metrics === null ? [] : rowsOf(metrics)), ...evaluationRows(await run.evaluations())],
      set: await catalog.setOf(run.config.data),
      hasPredictions: existsSync(join(folder, RUN_FILES.predictions)),
      hasReport: existsSync(join(folder, RUN_FILES.report)),
    };
  } catch (error) {
    return { ...live, ...nothing, set: null, facts: [], state: "unreadable", problem: problemOf(error, catalog) };
  }
}

/** The test of the run, parts of it, and what the network is held against. */
function rowsOf(metrics: Metrics): ScoreRow[] {
  const { baselines, count } = metrics;
  const { ridge = null, majority = null } = baselines ?? {};
  return [
    rowOf("this network", { scores: metrics, count }),
    ...scoredSubsets(metrics).map(({ name, scores }) => rowOf(name, { scores, count: scores.count })),
    ...(ridge === null ? [] : [rowOf("ridge regression on raw pixels", { scores: ridge, count })]),
    ...(majority === null ? [] : [rowOf("always the most frequent class", { scores: majority, count })]),
  ];
}

const evaluationRows = (evaluations: readonly { file: string; metrics: Metrics }[]): ScoreRow[] =>
  evaluations.map(({ file, metrics }) =>
    rowOf(`on ${file.replace(/\.json$/, "")}`, { scores: metrics, count: metrics.count }),
  );

function rowOf(
  name: string,
  { scores, count }: { scores: Partial<Scores> & { intervals?: Intervals | undefined }; count: number },
): ScoreRow {
  const { intervals } = scores;
  const pick = <T>(of: Partial<Record<MetricName, T>>): Record<string, T> =>
    Object.fromEntries(METRIC_NAMES.flatMap((each) => (of[each] === undefined ? [] : [[each, of[each]]])));
  return { name, count, values: pick(scores), intervals: intervals === undefined ? null : pick(intervals) };
}

type Known = Pick<RunConfig, "options"> & { data: { name: string } } & Partial<Omit<RunConfig, "options" | "data">>;

/** What was trained, on what, with what. */
function factsOf({ options, data, samples, engine, seed, budget, commit, fold }: Known): [string, string][] {
  const { architecture, optimizer, epochs, batchSize, learningRate, recipe } = options;
  const counts = Object.entries(samples ?? {}).map(([part, count]) => `${count} ${part}`);
  const rows: [string, unknown][] = [
    ["network", architecture],
    ["recipe", recipe],
    ["set", counts.length === 0 ? data.name : `${data.name}: ${counts.join(", ")} images`],
    ["fold", fold == null ? null : `${fold.index} of ${fold.of}`],
    ["epochs", epochs],
    ["batches of", batchSize],
    ["optimizer", (optimizer as { name?: string } | undefined)?.name],
    ["learning rate", learningRate],
    ["seed", seed ?? options["seed"]],
    ["budget", budget?.budget],
    ["engine", engine === undefined ? null : [engine.name, engine.device].filter(Boolean).join(", ")],
    ["commit", commit?.slice(0, 7)],
  ];
  return rows.flatMap(([name, value]) => (value == null || value === "none" ? [] : [[name, String(value)]]));
}
