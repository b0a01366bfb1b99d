/** What a tracker is: a program outside that is told how a training goes, and shows it. */
import { METRIC_NAMES, type Metrics, type RunConfig } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import type { Run } from "../predict/run.js";
import type { Callback } from "../train/callback.js";

/** A training, before it begins. */
export interface TrackedTraining {
  /** Run folder that it will write. */
  to: string;
  /** What the tracker calls it; default: the last name of that folder. */
  name?: string | undefined;
  /** Options of the trainer, by name. */
  options: Readonly<Record<string, unknown>>;
}

export interface FinishOptions {
  /** The set that the run was trained on: its test images are shown. */
  set: AssembledSet;
  signal?: AbortSignal | undefined;
}

/** Tells of one training while it goes, and of its run in the end. */
export interface Tracker {
  /** Where it can be looked at, for a note. */
  readonly place: string;
  /** For `fit`: every epoch once, also after an interruption. */
  readonly callback: Callback;
  /** The whole history, as far as it was not told yet, and the scores and pictures of the test part. */
  finish(run: Run, options: FinishOptions): Promise<void>;
}

/** Options as names and short texts, those of an option under it: `schedule.name`. */
export function flatOptions(options: Readonly<Record<string, unknown>>, prefix = ""): [name: string, value: string][] {
  return Object.entries(options).flatMap(([key, value]): [string, string][] => {
    const name = `${prefix}${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return flatOptions(value as Record<string, unknown>, `${name}.`);
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

/** Scores of a test part by name, as they are tracked. */
export const trackedScores = (metrics: Metrics): [name: string, value: number][] =>
  METRIC_NAMES.flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [[`${metrics.part}_${name}`, value] as [string, number]];
  });

/** What a run says that its options do not. */
export const runFacts = ({ engine, precision, data, versions, commit }: RunConfig): [name: string, value: string][] => [
  ["engine", engine.name],
  ...(precision === undefined ? [] : [["precision", precision] as [string, string]]),
  ["data", `${data.name} ${data.fingerprint}`],
  ...Object.entries(versions).map(([name, version]): [string, string] => [name, version]),
  ...(commit === null ? [] : [["commit", commit] as [string, string]]),
];
