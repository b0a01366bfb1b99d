/** What a report is made of: the files of a run folder, and what is known about the set. */
import type { SetInfo } from "@fer/core/set";
import type { HistoryRow, Metrics, ModelInfo, Outcome, RunConfig } from "@fer/core/run";

/** A work to cite. */
export interface Citation {
  /** What it is for: a dataset, the framework. */
  what: string;
  text: string;
}

export interface ReportData {
  /** Name of the run, e.g. of its folder. */
  name: string;
  config: RunConfig;
  /** `null` for a k-fold run, which has a model a fold. */
  model: ModelInfo | null;
  outcome: Outcome | null;
  history: readonly HistoryRow[];
  /** The set's own test part, or all folds; `null` for a run without either. */
  metrics: Metrics | null;
  /** `<name>.json` of the set it was trained on; without it the report says that less is known. */
  set: SetInfo | null;
  /** Evaluations on other parts and sets. */
  evaluations?: readonly Metrics[];
  /** Datasets that were used; the framework's own paper is added. */
  citations?: readonly Citation[];
  /** Machine and system, e.g. `{ machine: "2 cores, x64", system: "Linux 6.1" }`. */
  environment?: Readonly<Record<string, string>>;
  /** When the report was made, for its foot. */
  date?: Date;
}
