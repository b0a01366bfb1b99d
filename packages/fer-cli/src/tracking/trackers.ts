/** The trackers that `fer train` is asked for. A tracker that fails costs no training: what failed is said. */
import { basename, join } from "node:path";
import { EngineError } from "@fer/core";
import type { AssembledSet } from "@fer/core/set";
import { mlflow, type Run, tensorBoard, type Tracker } from "@fer/model";
import type { Output } from "../output/output.js";

/** Where to tell of a training; `null`: nowhere. */
export interface Tracking {
  /** Folder of event files. */
  tensorboard: string | null;
  /** Address of a server. */
  mlflow: string | null;
}

interface Tracked {
  output: Output;
  signal: AbortSignal;
}

interface Training extends Tracked {
  to: string;
  name?: string;
  options: Readonly<Record<string, unknown>>;
}

/** Those of one training. */
export function trackersFor(
  { tensorboard: folder, mlflow: url }: Tracking,
  { output, signal, ...training }: Training,
): Tracker[] {
  const onNote = (text: string): void => output.note(text);
  return [
    ...(folder === null ? [] : [tensorBoard(folder, training)]),
    ...(url === null ? [] : [mlflow(url, { ...training, onNote, signal })]),
  ];
}

/** Tells of the scores, and whatever was not told while it trained. */
export async function finish(
  trackers: readonly Tracker[],
  { run, set, output, signal }: Tracked & { run: Run; set: AssembledSet },
): Promise<void> {
  for (const tracker of trackers) {
    try {
      await tracker.finish(run, { set, signal });
      output.note(`tracked in ${tracker.place}`);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      output.note(`not tracked: ${error.message} The run is whole: the same command tells of it again.`);
    }
  }
}

/** Tells of one of several runs, all at once. @param under Name of the folder of all */
export function trackFinished(
  run: Run,
  { tracking, under, set, ...tracked }: Tracked & { tracking: Tracking; under: string; set: AssembledSet },
): Promise<void> {
  const name = join(under, basename(run.folder));
  const training = { to: run.folder, name, options: run.config.options, ...tracked };
  return finish(trackersFor(tracking, training), { run, set, ...tracked });
}
