/** How long-running functions tell their caller where they are. Libraries never print; the caller may. */

/** One report. `total` is `null` while it is not known yet. */
export interface Progress {
  /** What is being done, e.g. `extract`, `assemble`, `train`. */
  stage: string;
  done: number;
  total: number | null;
  /** What is counted, e.g. `images`, `rows`, `epochs`. */
  unit: string;
  message?: string;
}
