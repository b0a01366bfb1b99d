/**
 * One set-up at a time in a cache folder. The lock is an abstract Unix socket named after the folder: the kernel gives
 * it to one process and frees it when that process ends, however it ends. A lock file would outlive a killed process,
 * and two processes that both find such a leftover can both take it over.
 * Linux only, as the set-up is. Processes in other network namespaces (containers) do not see it.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { type Server, type Socket, connect, createServer } from "node:net";

export interface LockHooks {
  /** Called once with the id of the process that is waited for. */
  onWait?: (pid: number) => void;
  signal?: AbortSignal | undefined;
}

/** Runs `work` while holding the lock of `folder`, which exists. Waits for another process first. */
export async function withLock<T>(
  folder: string,
  work: () => Promise<T>,
  { onWait, signal }: LockHooks = {},
): Promise<T> {
  const name = `\0tfjs-graph-${createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32)}`;
  let tell = onWait;
  let release: (() => void) | undefined;
  while ((release = await take(name)) === undefined) {
    signal?.throwIfAborted();
    await ended(name, tell, signal);
    tell = undefined;
  }
  try {
    signal?.throwIfAborted();
    return await work();
  } finally {
    release();
  }
}

/** Takes the lock and returns what frees it, or `undefined` when another has it. */
function take(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => undefined);
      socket.write(String(process.pid));
    });
    server.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(name, () =>
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      }),
    );
  });
}

/** Resolves when the holder of the lock is done or dead. */
function ended(
  name: string,
  onWait: ((pid: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const stop = (): void => void socket.destroy();
    signal?.addEventListener("abort", stop, { once: true });
    socket.once("data", (pid) => onWait?.(Number(pid.toString())));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
  });
}
