/** What the server tells the page, as JSON. */
import type { HistoryRow, Metrics } from "@fer/core/run";

/** How far an artifact is. */
export type State = "finished" | "at-work" | "interrupted" | "unreadable";

/** One line of the list. */
export interface Entry {
  kind: "image-folder" | "set" | "run";
  /** From the folder that is shown, with forward slashes; a set as `<folder>/<name>`. */
  path: string;
  state: State;
  /** In a few words: `rafdb, 15,339 images`. */
  facts: string;
  /** Accuracy of a run on its test part. */
  accuracy: number | null;
  /** Why it is unreadable. */
  problem: string | null;
}

/** `api/index`. */
export interface IndexAnswer {
  folder: string;
  entries: Entry[];
  /** Folders that were not looked into. */
  notes: string[];
}

/** Epochs of a run, or of one of its folds. */
export interface Curve {
  /** 1-based; `null` of a run of its own. */
  fold: number | null;
  rows: HistoryRow[];
  /** Epoch that was kept; `null` where that is not known yet. */
  bestEpoch: number | null;
}

/** What changes while a run is under way: `api/run` and each event of `api/live`. */
export interface LiveRun {
  path: string;
  state: State;
  /** Epochs that were asked for. */
  epochs: number | null;
  curves: Curve[];
  problem: string | null;
}

/** `api/run`. */
export interface RunAnswer extends LiveRun {
  facts: [name: string, value: string][];
  metrics: Metrics | null;
  evaluations: { name: string; metrics: Metrics }[];
  /** The set that it was trained on, where it lies in the folder that is shown. */
  set: string | null;
  hasPredictions: boolean;
  hasReport: boolean;
}

/** Any refusal. */
export interface Refusal {
  error: { code: string; message: string };
}
