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
  private open = false;

  constructor(private readonly options: ProgressPrinterOptions) {}

  /** Takes a report; prints it when it is the last of its stage, or when enough time has passed. */
  report(progress: Progress): void {
    const now = this.options.now();
    if (progress.stage !== this.stage) {
      this.finish();
      this.stage = progress.stage;
      this.startedAt = now;
      this.printedAt = this.options.terminal ? Number.NEGATIVE_INFINITY : now;
    }
    const every = this.options.every ?? (this.options.terminal ? 0.1 : 5);
    const last = progress.total !== null && progress.done >= progress.total;
    if (!last && now - this.printedAt < every) {
      this.pending = progress;
      return;
    }
    this.print(progress, now);
  }

  /** Ends the current line, so that other text starts on its own. */
  finish(): void {
    if (this.pending !== undefined) this.print(this.pending, this.options.now());
    if (this.open) this.options.write("\n");
    this.open = false;
    this.stage = undefined;
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
