/** Starts `fit-process.mjs` and reads what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

export type FitEvent =
  | { event: "begin" }
  | { event: "from" | "step"; epoch: number; step: number }
  | { event: "message"; message: string }
  | { event: "end"; seed: number }
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
  /** In a pid namespace of its own, as in a container. */
  container?: boolean;
  onEvent?: (event: FitEvent, child: ChildProcess) => void;
}

export function fitProcess({ set, to, options, cwd, container = false, onEvent }: FitProcessOptions): FitProcess {
  const script = join(import.meta.dirname, "fit-process.mjs");
  const words = [process.execPath, script, set, to, JSON.stringify(options)];
  const [command, ...rest] = container ? ["unshare", "-pfm", "--mount-proc", ...words] : words;
  const child = spawn(command!, rest, { stdio: ["ignore", "pipe", "inherit"], cwd });
  const events: FitEvent[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const event = JSON.parse(line) as FitEvent;
    events.push(event);
    onEvent?.(event, child);
  });
  return { child, events, ended: new Promise((resolve) => void child.once("close", () => resolve(events))) };
}
