/**
 * The only place that writes to stdout and stderr. Results go to stdout; progress, notes and errors go to stderr, so
 * that `fer ... --json | jq` works. Whatever is written is made printable here.
 */
import { once } from "node:events";
import type { Progress } from "@fer/core";
import { oneLine, printable } from "./printable.js";
import { ProgressPrinter } from "./progress.js";

/** How much is written. */
export interface OutputOptions {
  /** stdout holds one JSON value and nothing else. */
  json: boolean;
  /** No progress and no notes. */
  quiet: boolean;
}

/** What a command says to the outside. */
export class Output {
  private readonly printer: ProgressPrinter;
  /** A long result has begun and not ended. */
  private isCut = false;

  constructor(readonly options: OutputOptions) {
    this.printer = new ProgressPrinter({
      write: (text) => process.stderr.write(text),
      terminal: process.stderr.isTTY === true,
      columns: process.stderr.columns ?? 80,
      now: () => performance.now() / 1000,
    });
    // A reader that has seen enough (`| head`) is not a failure; the work goes on where only messages have no reader.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
    process.stderr.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }

  /** Handed to the libraries as `onProgress`. */
  readonly progress = (progress: Progress): void => {
    if (!this.options.quiet) this.printer.report(progress);
  };

  /** A line for people, on stderr. */
  note(text: string): void {
    if (this.options.quiet) return;
    this.printer.finish();
    process.stderr.write(`${oneLine(text)}\n`);
  }

  /** The result of a command, on stdout: text for people, or JSON for machines. */
  result(result: { text: string; json: unknown }): void {
    this.printer.finish();
    process.stdout.write(`${printable(this.options.json ? JSON.stringify(result.json, null, 2) : result.text)}\n`);
  }

  /** A long result as it comes: text after text for people, one JSON array for machines. */
  async pieces(pieces: AsyncIterable<{ text: string; json: readonly unknown[] }>): Promise<void> {
    const { json } = this.options;
    const write = async (text: string): Promise<void> => {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    };
    let separator = json ? "[\n" : "";
    for await (const piece of pieces) {
      this.printer.finish();
      this.isCut = true;
      if (!json) await write(`${printable(piece.text)}\n`);
      else
        for (const item of piece.json) {
          await write(`${separator}${printable(JSON.stringify(item, null, 2)).replaceAll(/^/gm, "  ")}`);
          separator = ",\n";
        }
    }
    if (json) await write(separator === ",\n" ? "\n]\n" : "[]\n");
    this.isCut = false;
  }

  /** What went wrong, on stderr; with `--json` also as an object on stdout. */
  error(text: string, json: unknown): void {
    this.printer.finish();
    process.stderr.write(`${printable(text)}\n`);
    if (this.options.json && !this.isCut) process.stdout.write(`${printable(JSON.stringify(json, null, 2))}\n`);
  }
}
