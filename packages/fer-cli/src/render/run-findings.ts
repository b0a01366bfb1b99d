/** What `fer inspect` says about a run. */
import { formatCount } from "@fer/core";
import type { Run } from "@fer/model";
import { renderRun } from "./run.js";
import { percent, table } from "../output/table.js";

/** One file of `evaluations/`: a set that the run was measured on later. */
export interface Evaluation {
  file: string;
  count: number;
  accuracy: number;
}

/** Set, split and options, then what `fer train` said, then later evaluations. */
export function renderRunFindings(
  run: Pick<Run, "config" | "outcome" | "metrics" | "folder">,
  evaluations: readonly Evaluation[],
): string {
  const { data, samples, options, seed, commit } = run.config;
  const counts = Object.entries(samples)
    .filter(([, count]) => count !== null)
    .map(([part, count]) => `${formatCount(count)} ${part}`);
  const rows = evaluations.map(({ file, count, accuracy }) => [
    file.slice(0, -".json".length),
    count,
    percent(accuracy),
  ]);
  return [
    `trained on ${data.name}, policy ${data.policy}: ${counts.join(", ")} images`,
    `${options.architecture}, ${options.epochs} epochs of batches of ${options.batchSize}, ${(options.optimizer as { name: string }).name}, learning rate ${options.learningRate}, seed ${seed}${options.folds === null ? "" : `, ${options.folds} folds`}${commit === null ? "" : `, commit ${commit.slice(0, 7)}`}`,
    renderRun(run),
    ...(rows.length > 0 ? ["", table(["evaluation", "images", "accuracy"], rows)] : []),
  ].join("\n");
}
