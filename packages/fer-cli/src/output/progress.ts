/**
 * Prints progress to stderr: a line that rewrites itself on a terminal, with drawings below it of how the figures of a
 * training went; a plain line every few seconds elsewhere (and the last one of every stage).
 */
import { formatCount, type Progress, type ProgressFigure } from "@fer/core";
import { oneLine } from "./printable.js";
import { sparkline } from "./sparkline.js";

/** What a rate is computed from: units that were finished in so many seconds. */
export interface Pace {
  finished: number;
  seconds: number;
  /** Of the whole work, in the same seconds; where a report says its share. */
  share?: number | undefined;
}

/** `extract 1,200/28,709 images  4%  310/s  89 s left`: share, rate and time left. */
export function progressLine(progress: Progress, { finished, seconds, share }: Pace): string {
  const { stage, done, total, unit, message } = progress;
  const rate = seconds >= 1 ? finished / seconds : 0;
  const parts = [`${stage} ${formatCount(done, 1)}${total === null ? "" : `/${formatCount(total, 1)}`} ${unit}`];
  if (total !== null && total > 0) parts.push(`${Math.floor((100 * done) / total)}%`);
  if (rate > 0) parts.push(rate >= 1 ? `${formatCount(Math.round(rate))}/s` : `${(1 / rate).toFixed(1)} s each`);
  if (rate > 0 && total !== null && done < total) {
    const { share: whole } = progress;
    const byShare = whole !== undefined && share !== undefined && share > 0;
    parts.push(`${duration(byShare ? (seconds * (1 - whole)) / share : (total - done) / rate)} left`);
  }
  if (message !== undefined) parts.push(message);
  return oneLine(parts.join("  "));
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A figure, and its values from the first report of the stage on. */
interface FigureHistory {
  figure: ProgressFigure;
  values: number[];
}

/** Characters of a drawing, at most. */
const WIDEST = 40;

/** `  val_loss  █▆▄▃▂▁  0.9389`, a line for each figure, as wide as there is room. */
function figureLines(histories: readonly FigureHistory[], columns: number): string[] {
  const longest = (key: "name" | "text"): number => Math.max(...histories.map(({ figure }) => figure[key].length));
  const width = Math.max(1, Math.min(WIDEST, columns - longest("name") - longest("text") - 6));
  return histories.map(({ figure, values }) =>
    oneLine(`  ${figure.name.padEnd(longest("name"))}  ${sparkline(values, { width })}  ${figure.text}`),
  );
}

/** Where progress goes, and how often. */
export interface ProgressPrinterOptions {
  write(text: string): void;
  terminal: boolean;
  /** Width of the terminal in characters. */
  columns: number;
  /** Seconds on a clock that only goes forward. */
  now(): number;
}

/** Seconds between two lines. */
const EVERY = { terminal: 0.1, elsewhere: 5 };

/** Takes reports in, writes lines out. */
export class ProgressPrinter {
  private stage: string | undefined;
  private startedAt = 0;
  /** What this call had finished at the first report of the stage. */
  private finishedBefore = 0;
  /** Share of the work that was done then. */
  private shareBefore: number | undefined;
  private printedAt = Number.NEGATIVE_INFINITY;
  private pending: Progress | undefined;
  private message: string | undefined;
  /** Lines of the terminal that are rewritten; the cursor stands in the first. */
  private lines = 0;
  private readonly figures = new Map<string, FigureHistory>();

  constructor(private readonly options: ProgressPrinterOptions) {}

  /** Takes a report; prints it when enough time has passed, and the last of a stage in any case. */
  report(report: Progress): void {
    const { terminal, now: clock } = this.options;
    const now = clock();
    if (report.stage !== this.stage) {
      this.finish();
      this.stage = report.stage;
      this.startedAt = now;
      this.finishedBefore = finishedNow(report);
      this.shareBefore = report.share;
      this.printedAt = terminal ? Number.NEGATIVE_INFINITY : now;
    }
    // What a stage said last (the figures of an epoch) stays in view.
    this.message = report.message ?? this.message;
    for (const figure of report.figures ?? []) {
      const values = this.figures.get(figure.name)?.values ?? [];
      values.push(figure.value);
      this.figures.set(figure.name, { figure, values });
    }
    const progress = this.message === undefined ? report : { ...report, message: this.message };
    if (now - this.printedAt < (terminal ? EVERY.terminal : EVERY.elsewhere)) this.pending = progress;
    else this.print(progress, now);
  }

  /** Ends the current line, so that other text starts on its own. */
  finish(): void {
    if (this.pending !== undefined) this.print(this.pending, this.options.now());
    if (this.lines > 0) this.options.write("\n".repeat(this.lines));
    this.lines = 0;
    this.stage = undefined;
    this.message = undefined;
    this.figures.clear();
  }

  private print(progress: Progress, now: number): void {
    this.pending = undefined;
    this.printedAt = now;
    const finished = finishedNow(progress) - this.finishedBefore;
    const share = progress.share === undefined ? undefined : progress.share - (this.shareBefore ?? 0);
    const pace = { finished, seconds: now - this.startedAt, share };
    const { terminal, write } = this.options;
    const columns = Math.max(20, this.options.columns - 1);
    if (!terminal) {
      write(`${progressLine(progress, pace)}\n`);
      return;
    }
    const histories = [...this.figures.values()];
    // What is drawn below is not said above.
    let { message } = progress;
    for (const { figure } of histories) message = message?.replace(`  ${figure.name} ${figure.text}`, "");
    const lines = [progressLine({ ...progress, ...(message === undefined ? {} : { message }) }, pace)];
    if (histories.length > 0) lines.push(...figureLines(histories, columns));
    const up = lines.length > 1 ? `\u001B[${lines.length - 1}A` : "";
    write(`${lines.map((line) => `\r\u001B[2K${line.slice(0, columns)}`).join("\n")}${up}`);
    this.lines = lines.length;
  }
}

/** Units that this call has finished; what it found finished says nothing about its pace. */
const finishedNow = ({ done, resumed = 0 }: Progress): number => done - resumed;
