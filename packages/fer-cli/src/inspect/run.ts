/** `fer inspect` of a run: what was trained, on what, how it was split, and the scores, those of later evaluations too. */
import { formatCount } from "@fer/core";
import { foldNumbers, type RunConfig, RunFolder } from "@fer/core/run";
import { openRun } from "@fer/model";
import type { CommandResult } from "../command.js";
import { percent, table } from "../output/table.js";
import { renderRun } from "../render/run.js";

/** Nothing is trained or measured: what is shown was written by `fer train` and `fer evaluate`. */
export async function inspectRun(path: string): Promise<CommandResult> {
  const run = await openRun(path);
  const evaluations = (await (await RunFolder.open(path)).evaluations()).map(({ file, metrics: of }) => ({
    file,
    count: of.count,
    accuracy: of.accuracy,
  }));
  const { config, outcome, model, metrics } = run;
  const later = evaluations.map(({ file, count, accuracy }) => [file.replace(/\.json$/, ""), count, percent(accuracy)]);
  const text = [
    ...factsOf(config),
    renderRun(run),
    ...(later.length > 0 ? ["", table(["evaluation", "images", "accuracy"], later)] : []),
  ];
  return { text: text.join("\n"), json: { config, outcome, model, metrics, evaluations } };
}

/** What was trained, on what, in two lines. */
export function factsOf(config: RunConfig): [string, string] {
  const { data, samples, options, seed, commit } = config;
  const folds = foldNumbers(config);
  const counts = Object.entries(samples).flatMap(([part, n]) => (n === null ? [] : [`${formatCount(n)} ${part}`]));
  const own = Object.entries(options["net"] ?? {}).map(([key, value]) => `${key}=${value}`);
  const parts = options["accumulate"] === 1 ? "" : `${String(options["accumulate"])} x `;
  const steps = typeof options["steps"] === "number" ? `${formatCount(options["steps"])} steps, ` : "";
  const facts = [
    `${[options["architecture"], ...own].join(" ")}, ${steps}${options["epochs"]} epochs of batches of ${parts}${options["batchSize"]}`,
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
