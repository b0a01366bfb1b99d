/** Runs a program to its end and keeps what it printed. It never outlives this process. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface CommandResult {
  /** Exit status; 127 when it could not be started. */
  status: number | null;
  output: string;
}

const SUPERVISE = fileURLToPath(new URL("./supervise.js", import.meta.url));

/** @throws the signal's reason where it stops the program */
export async function runCommand(
  command: readonly string[],
  { cwd, signal }: { cwd?: string; signal?: AbortSignal | undefined } = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [SUPERVISE, ...command], {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    // a group of its own: it outlives this process, and then ends the program
    detached: process.platform !== "win32",
  });
  const stop = (): void => void child.stdin.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<CommandResult>((resolve) => {
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.on("error", (error) => resolve({ status: null, output: output + error.message }));
      child.on("close", (status) => resolve({ status, output }));
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    signal?.throwIfAborted();
  }
}

/** The first of `candidates` (command and arguments) that exits with 0, or `undefined`. */
export async function firstThatRuns(candidates: readonly string[][]): Promise<string[] | undefined> {
  for (const candidate of candidates) {
    if ((await runCommand([...candidate, "--version"])).status === 0) return candidate;
  }
  return undefined;
}
