/** Builds the metrics file of an evaluation. */
import type { AssembledSet } from "@fer/core/set";
import {
  type Baselines,
  certaintyOf,
  classMetrics,
  confusionMatrix,
  type Intervals,
  intervalsOf,
  type Metrics,
  type PartScores,
  type Scores,
  scoresOf,
} from "@fer/core/run";
import { turns } from "../turns.js";
import type { Predicted } from "./predictions-file.js";
import type { SampleFacts } from "./sample-facts.js";

/** What was evaluated. */
export interface EvaluationSubject {
  set: AssembledSet;
  part: Metrics["part"];
  weights: Metrics["weights"];
  loss: number;
  facts: SampleFacts;
  signal?: AbortSignal | undefined;
}

/** All scores of predictions. */
export async function metricsOf(predictions: Predicted, subject: EvaluationSubject): Promise<Metrics> {
  const { truth, predicted } = predictions;
  const { set, part, weights, loss } = subject;
  const { classes } = set.info;
  const matrix = confusionMatrix({ truth, predicted }, classes.length);
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
    ...(await intervals(predictions, subject)),
    ...(await twins(predictions, subject)),
    ...(await sources(predictions, subject)),
    confusionMatrix: matrix,
    support: Object.fromEntries(perClass.map(([name, { support }]) => [name, support])),
    baselines: baselinesOf(predictions, classes.length),
  };
}

async function intervals(
  predictions: Predicted,
  { set, facts: { groups }, signal }: EvaluationSubject,
): Promise<{ intervals?: Intervals }> {
  const found = await intervalsOf(predictions, { classes: set.info.classes, groups, turn: turns(signal) });
  return found === null ? {} : { intervals: found };
}

async function twins(predictions: Predicted, subject: EvaluationSubject): Promise<Pick<Metrics, "twins">> {
  const known = subject.facts.twins;
  if (known === null) return {};
  const of = async (isTwin: readonly boolean[]): Promise<NonNullable<Metrics["twins"]>["exact"]> => {
    const others = isTwin.flatMap((is, at) => (is ? [] : [at]));
    return {
      images: isTwin.length - others.length,
      without: others.length === 0 ? null : await partScores(predictions, { subject, rows: others }),
    };
  };
  return { twins: { exact: await of(known.exact), near: known.near === null ? null : await of(known.near) } };
}

async function sources(predictions: Predicted, subject: EvaluationSubject): Promise<Pick<Metrics, "sources">> {
  const rows = new Map<string, number[]>();
  for (const [at, source] of subject.facts.sources.entries()) {
    const known = rows.get(source);
    if (known === undefined) rows.set(source, [at]);
    else known.push(at);
  }
  if (rows.size < 2) return {};
  const found: NonNullable<Metrics["sources"]> = {};
  for (const [source, of] of rows) found[source] = await partScores(predictions, { subject, rows: of });
  return { sources: found };
}

/** Scores of some rows. */
async function partScores(
  { probabilities, ...predictions }: Predicted,
  { subject, rows }: { subject: EvaluationSubject; rows: readonly number[] },
): Promise<PartScores> {
  const classes = subject.set.info.classes.length;
  const some = {
    truth: rows.map((row) => predictions.truth[row]!),
    predicted: rows.map((row) => predictions.predicted[row]!),
    majority: null,
    ridge: null,
    probabilities: Float32Array.from(
      { length: rows.length * classes },
      (_, at) => probabilities[rows[Math.floor(at / classes)]! * classes + (at % classes)]!,
    ),
  };
  const groups = rows.map((row) => subject.facts.groups[row]!);
  return {
    count: rows.length,
    ...scoresOf(confusionMatrix(some, classes)),
    ...(await intervals(some, { ...subject, facts: { ...subject.facts, groups } })),
  };
}

function baselinesOf({ truth, majority, ridge }: Predicted, classes: number): Baselines | null {
  const score = (predicted: ArrayLike<number>): Scores => scoresOf(confusionMatrix({ truth, predicted }, classes));
  return majority === null ? null : { majority: score(majority), ridge: ridge === null ? null : score(ridge) };
}
