/** What the server tells the page, as JSON. */
import type { DatasetInfo } from "@fer/core/image-folder";
import type { HistoryRow, Metrics } from "@fer/core/run";
import type { Part, SetInfo } from "@fer/core/set";
import type { Comparison } from "@fer/model";
import type { SetVerdict } from "@fer/split-assembler";

/** Runs that can be looked at together. */
export const MOST_RUNS = 12;

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

/** Scores of a classifier on some images. */
export interface ScoreRow {
  name: string;
  count: number;
  values: Record<string, number | undefined>;
  intervals: Record<string, [low: number, high: number]> | null;
}

/** `api/run`. */
export interface RunAnswer extends LiveRun {
  facts: [name: string, value: string][];
  metrics: Metrics | null;
  /** Names of scores as a column has them. */
  scores: { name: string; title: string }[];
  /** Scores to be held against each other, the run's own first. */
  rows: ScoreRow[];
  /** The set that it was trained on, where it lies in the folder that is shown. */
  set: string | null;
  hasPredictions: boolean;
  hasReport: boolean;
}

/** A tested image. */
export interface Sample {
  /** Row of the predictions, from 0 on. */
  at: number;
  id: string;
  truth: string;
  predicted: string;
  /** In the order of the classes. */
  probabilities: number[];
  /** Where its picture is in its set. */
  face: Face | null;
  /** `<adapter>/<path in the image folder>` */
  source: string | null;
  /** Person or clip. */
  group: string | null;
  fold: number | null;
}

/** An image of a set. */
export interface Face {
  part: Part;
  row: number;
}

/** `api/samples` */
export interface SamplesAnswer {
  total: number;
  set: string | null;
  samples: Sample[];
}

/** How many of some images are predicted rightly, with the interval of 95 % (Wilson) of that share. */
export interface Share {
  name: string;
  count: number;
  right: number;
  low: number;
  high: number;
}

/** `api/tested` */
export interface TestedAnswer {
  classes: string[];
  part: Metrics["part"];
  set: string | null;
  count: number;
  /** Of each bin by the largest probability: its mean, and the share of right predictions; `null` of none. */
  calibration: { from: number; to: number; count: number; confidence: number | null; accuracy: number | null }[];
  sources: Share[];
  /** The worst first. */
  groups: Share[];
  groupCount: number;
}

/** `api/occlusion` */
export interface OcclusionAnswer {
  /** Edge of the face in pixels. */
  size: number;
  /** What the run says of the face, and how probable that is in one view of the whole face. */
  expression: string;
  confidence: number;
  /** By pixel, how much less probable that is where it is covered; `[size, size]` */
  heat: number[];
  /** The most that one patch takes away. */
  most: number;
}

/** `api/compare` */
export type CompareAnswer = Comparison;

/** `api/set` */
export interface SetAnswer {
  path: string;
  info: SetInfo;
  verdicts: SetVerdict[];
  hasPage: boolean;
}

/** Two images of a set that look the same. */
export interface TwinPair {
  kind: "exact" | "near";
  train: Face & { source: string; label: string };
  heldOut: Face & { source: string; label: string };
}

/** `api/twins` */
export interface TwinsAnswer {
  near: number;
  exact: number;
  /** Some of them, near ones first. */
  pairs: TwinPair[];
}

/** `api/dataset` */
export interface DatasetAnswer {
  path: string;
  info: DatasetInfo;
}

/** `api/pictures` */
export interface PicturesAnswer {
  total: number;
  pictures: { file: string; id: string; expression: string; subject: string | null }[];
}

/** What somebody said of a label. */
export interface Verdict {
  verdict: "keep" | "exclude";
  /** What it should be. */
  corrected: string | null;
}

/** `api/review` */
export interface ReviewAnswer {
  set: string;
  /** The table, from the folder that is shown. */
  table: string;
  classes: string[];
  /** The least likely label first. */
  items: (Sample & { source: string; suggested: string; margin: number; said: Verdict | null })[];
}

/** Any refusal. */
export interface Refusal {
  error: { code: string; message: string };
}
