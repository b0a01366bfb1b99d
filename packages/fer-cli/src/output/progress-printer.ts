/**
 * Prints progress to stderr: one line that rewrites itself on a terminal, a plain line every few seconds elsewhere
 * (and the last one of every stage).
 */
import type { Progress } from "@fer/dataset-extractors";
import { progressLine } from "./progress-line.js";

/** Where progress goes, and how often. */
export interface ProgressPrinterOptions {
  write(text: string): void;
  terminal: boolean;
  /** Width of the terminal in characters. */
  columns: number;
  /** Seconds between two lines: 0.1 on a terminal, 5 elsewhere when left out. */
  every?: number;
  /** Seconds on a clock that only goes forward. */
  now(): number;
}

/** Takes reports in, writes lines out. */
export class ProgressPrinter {
  private stage: string | undefined;
  private startedAt = 0;
  private printedAt = Number.NEGATIVE_INFINITY;
  private pending: Progress | undefined;
  private message: string | undefined;
  private open = false;

  constructor(private readonly options: ProgressPrinterOptions) {}

  /** Takes a report; prints it when enough time has passed, and the last of a stage in any case. */
  report(report: Progress): void {
    const now = this.options.now();
    if (report.stage !== this.stage) {
      this.finish();
      this.stage = report.stage;
      this.startedAt = now;
      this.printedAt = this.options.terminal ? Number.NEGATIVE_INFINITY : now;
    }
    // What a stage said last (the figures of an epoch) stays in view.
    this.message = report.message ?? this.message;
    const progress = this.message === undefined ? report : { ...report, message: this.message };
    const every = this.options.every ?? (this.options.terminal ? 0.1 : 5);
    if (now - this.printedAt < every) this.pending = progress;
    else this.print(progress, now);
  }

  /** Ends the current line, so that other text starts on its own. */
  finish(): void {
    if (this.pending !== undefined) this.print(this.pending, this.options.now());
    if (this.open) this.options.write("\n");
    this.open = false;
    this.stage = undefined;
    this.message = undefined;
  }

  private print(progress: Progress, now: number): void {
    this.pending = undefined;
    this.printedAt = now;
    const line = progressLine(progress, now - this.startedAt);
    if (this.options.terminal)
      this.options.write(`\r\u001B[2K${line.slice(0, Math.max(20, this.options.columns - 1))}`);
    else this.options.write(`${line}\n`);
    this.open = this.options.terminal;
  }
}
