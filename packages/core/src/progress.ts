/** How long-running functions tell their caller where they are, and how they are stopped. Libraries never print. */

/** One report. `total` is `null` while it is not known yet. */
export interface Progress {
  /** What is being done, e.g. `extract`, `assemble`, `train`. */
  stage: string;
  /** Units finished, those of an earlier, interrupted call included. */
  done: number;
  total: number | null;
  /** What is counted, e.g. `images`, `rows`, `epochs`. */
  unit: string;
  /** Of `done`, what this call found finished already: a rate counts only what comes after. */
  resumed?: number;
  /** Share of the work that is done, [0, 1], where units cost unequal time: the time that is left follows from it. */
  share?: number;
  message?: string;
  /** The figures of the message, e.g. of an epoch: a terminal draws how they went from report to report. */
  figures?: readonly ProgressFigure[];
}

/** A figure of which there is a new value from time to time. */
export interface ProgressFigure {
  /** E.g. `val_loss`. */
  name: string;
  value: number;
  /** The value as it is shown. */
  text: string;
}

/** What every function that takes a while accepts. */
export interface TaskHooks {
  onProgress?: (progress: Progress) => void;
  /** Stops the work at the next safe point; what is finished is kept for the next call. */
  signal?: AbortSignal;
}
