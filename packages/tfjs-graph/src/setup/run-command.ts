/** Runs a program to its end and keeps what it printed. */
import { spawn } from "node:child_process";

export interface CommandResult {
  /** Exit status; `null` when it could not be started. */
  status: number | null;
  output: string;
}

export function runCommand(
  command: string,
  args: string[],
  { cwd, signal }: { cwd?: string; signal?: AbortSignal | undefined } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, signal, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", (error) => resolve({ status: null, output: output + error.message }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

/** The first of `candidates` (command and arguments) that exits with 0, or `undefined`. */
export async function firstThatRuns(candidates: string[][]): Promise<string[] | undefined> {
  for (const [command, ...args] of candidates) {
    if ((await runCommand(command!, [...args, "--version"])).status === 0) return [command!, ...args];
  }
  return undefined;
}
