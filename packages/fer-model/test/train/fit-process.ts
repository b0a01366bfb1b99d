/** Starts `fit-process.mjs` and reads what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

export type FitEvent =
  | { event: "begin" }
  | { event: "from" | "step"; epoch: number; step: number }
  | { event: "message"; message: string }
  | { event: "end" }
  | { event: "error"; code?: string; message: string };

export interface FitProcess {
  child: ChildProcess;
  events: FitEvent[];
  /** All it said, once it has ended. */
  ended: Promise<FitEvent[]>;
}

export interface FitProcessOptions {
  set: string;
  to: string;
  options: object;
  /** Working directory: a run notes the commit of the repository that it is started in. */
  cwd: string;
  onEvent?: (event: FitEvent, child: ChildProcess) => void;
}

export function fitProcess({ set, to, options, cwd, onEvent }: FitProcessOptions): FitProcess {
  const script = join(import.meta.dirname, "fit-process.mjs");
  const words = [script, set, to, JSON.stringify(options)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"], cwd });
  const events: FitEvent[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const event = JSON.parse(line) as FitEvent;
    events.push(event);
    onEvent?.(event, child);
  });
  return { child, events, ended: new Promise((resolve) => void child.once("close", () => resolve(events))) };
}
