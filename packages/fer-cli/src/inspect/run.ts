/** `fer inspect` of a run: what was trained, on what, how it was split, and the scores, those of later evaluations too. */
import { formatCount } from "@fer/core";
import { foldNumbers, type Metrics, type Reading, readReadings, type RunConfig, RunFolder } from "@fer/core/run";
import { openRun } from "@fer/model";
import type { CommandResult } from "../command.js";
import { percent, table } from "../output/table.js";
import { renderRun, timesOf } from "../render/run.js";

/** Nothing is trained or measured: what is shown was written by `fer train` and `fer evaluate`. */
export async function inspectRun(path: string): Promise<CommandResult> {
  const run = await openRun(path);
  const files = await RunFolder.open(path);
  const readings = await readReadings(files);
  const readOf = (of: Pick<Metrics, "set" | "part">): number =>
    readings.filter(({ set, part }) => set === of.set.name && part === of.part).length;
  const evaluations = (await files.evaluations()).map(({ file, metrics: of }) => ({
    file,
    count: of.count,
    accuracy: of.accuracy,
    readings: readOf(of),
  }));
  const { config, outcome, model, metrics } = run;
  const later = evaluations.map(({ file, count, accuracy, readings: read }) => [
    file.replace(/\.json$/, ""),
    count,
    percent(accuracy),
    // runs of early versions keep no log
    read === 0 ? null : read,
  ]);
  const text = [
    ...factsOf(config),
    renderRun(run),
    ...(later.length > 0 ? ["", table(["evaluation", "images", "accuracy", "read"], later)] : []),
    ...testReadings({ metrics, readings }),
  ];
  return { text: text.join("\n"), json: { config, outcome, model, metrics, evaluations, readings } };
}

/** How often test parts were read. */
function testReadings({ metrics, readings }: { metrics: Metrics | null; readings: readonly Reading[] }): string[] {
  const tests = readings.filter(({ part }) => part === "test");
  const own = metrics === null ? [] : [`once by the training (${metrics.set.name})`];
  const since = new Map<string, number>();
  for (const { set } of tests) since.set(set, (since.get(set) ?? 0) + 1);
  const later = [...since].map(([set, count]) => `${timesOf(count)} by fer evaluate (${set})`);
  if (own.length + later.length === 0) return [];
  const last = tests.length === 0 ? "" : `, last on ${tests.at(-1)!.at.slice(0, 10)}`;
  return ["", `test parts were read ${[...own, ...later].join(", ")}${last}`];
}

/** What was trained, on what, in two lines. */
export function factsOf(config: RunConfig): [string, string] {
  const { data, samples, options, seed, commit } = config;
  const folds = foldNumbers(config);
  const counts = Object.entries(samples).flatMap(([part, n]) => (n === null ? [] : [`${formatCount(n)} ${part}`]));
  const own = Object.entries(options["net"] ?? {}).map(([key, value]) => `${key}=${value}`);
  const { modelFile } = config.given ?? {};
  const module = modelFile === undefined ? [] : [`(${modelFile.name}, sha256 ${modelFile.sha256.slice(0, 12)})`];
  const parts = options["accumulate"] === 1 ? "" : `${String(options["accumulate"])} x `;
  const steps = typeof options["steps"] === "number" ? `${formatCount(options["steps"])} steps, ` : "";
  const facts = [
    `${[options["architecture"], ...own, ...module].join(" ")}, ${steps}${options["epochs"]} epochs of batches of ${parts}${options["batchSize"]}`,
    `${(options["optimizer"] as { name: string }).name}, learning rate ${options["learningRate"]}, seed ${seed}`,
    ...(config.budget === undefined ? [] : [`a budget of ${config.budget.budget} on ${config.budget.processor}`]),
    ...(folds.length === 0 ? [] : [`${folds.length} folds`]),
    ...(commit === null ? [] : [`commit ${commit.slice(0, 7)}`]),
  ];
  return [
    `trained on ${data.name}, policy ${data.policy}${data.protocol === undefined ? "" : `, protocol ${data.protocol}`}: ${counts.join(", ")} images`,
    facts.join(", "),
  ];
}
