/** Builds the metrics file of an evaluation. */
import type { AssembledSet } from "@fer/core/set";
import {
  type Baselines,
  certaintyOf,
  classMetrics,
  confusionMatrix,
  intervalsOf,
  type Metrics,
  type Scores,
  scoresOf,
} from "@fer/core/run";
import { turns } from "../turns.js";
import type { Predicted } from "./predictions-file.js";

/** What was evaluated. */
export interface EvaluationSubject {
  set: AssembledSet;
  part: Metrics["part"];
  weights: Metrics["weights"];
  loss: number;
  /** Group of each sample; `null` where that is unknown. */
  groups: readonly (string | null)[];
  signal?: AbortSignal | undefined;
}

/** All scores of predictions. */
export async function metricsOf(
  predictions: Predicted,
  { set, part, weights, loss, groups, signal }: EvaluationSubject,
): Promise<Metrics> {
  const { truth, predicted } = predictions;
  const { classes } = set.info;
  const matrix = confusionMatrix({ truth, predicted }, classes.length);
  const intervals = await intervalsOf(predictions, { classes, groups, turn: turns(signal) });
  const perClass = classes.map((name, label) => [name, classMetrics(matrix, label)] as const);
  return {
    schema: 1,
    set: { name: set.name, fingerprint: set.info.fingerprint },
    part,
    weights,
    classes: [...classes],
    count: truth.length,
    loss,
    ...scoresOf(matrix),
    perClass: Object.fromEntries(perClass),
    certainty: certaintyOf(predictions),
    ...(intervals === null ? {} : { intervals }),
    confusionMatrix: matrix,
    support: Object.fromEntries(perClass.map(([name, { support }]) => [name, support])),
    baselines: baselinesOf(predictions, classes.length),
  };
}

function baselinesOf({ truth, majority, ridge }: Predicted, classes: number): Baselines | null {
  const score = (predicted: ArrayLike<number>): Scores => scoresOf(confusionMatrix({ truth, predicted }, classes));
  return majority === null ? null : { majority: score(majority), ridge: ridge === null ? null : score(ridge) };
}
