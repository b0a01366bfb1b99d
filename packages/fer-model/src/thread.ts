/** Long work without a turn for others (solving, drawing) in a thread of its own: the caller's stays free. */
import { parentPort, Worker, workerData } from "node:worker_threads";

export interface ThreadWork {
  /** Plain values and typed arrays. */
  input: unknown;
  /** Buffers of the input that change hands instead of being copied. */
  transfer?: readonly ArrayBuffer[];
  signal?: AbortSignal | undefined;
}

/**
 * Starts a module that calls {@link answer}, and returns what that says. Stopped by the signal, the thread ends at once.
 *
 * @throws the signal's reason; an Error with the message of what failed there.
 */
export async function inThread<Out>(module: URL, { input, transfer = [], signal }: ThreadWork): Promise<Out> {
  signal?.throwIfAborted();
  const thread = new Worker(module, { workerData: input, transferList: [...transfer] });
  const stop = (): void => void thread.terminate();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<Out>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.once("exit", () =>
        reject(signal?.aborted === true ? signal.reason : new Error("a thread has ended early")),
      );
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** In the module of a thread: does its work and sends the result. */
export async function answer<In, Out>(work: (input: In) => Out | Promise<Out>): Promise<void> {
  parentPort!.postMessage(await work(workerData as In), []);
}
