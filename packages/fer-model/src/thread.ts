/** Long work without a turn for others (solving, drawing) in a thread of its own: the caller's stays free. */
import { on } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";

/** Threads are given the flags of the process, and refuse that of `node --input-type=module -e`. */
const FLAGS = process.execArgv.some((flag) => flag.startsWith("--input-type")) ? { execArgv: [] } : {};

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
  const thread = new Worker(module, { ...FLAGS, workerData: input, transferList: [...transfer] });
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

/** What one question is answered with. */
export interface ThreadAnswer {
  /** Plain values and typed arrays. */
  value: unknown;
  /** Buffers of the value that change hands instead of being copied. */
  transfer?: readonly ArrayBuffer[];
}

/** A thread that stays open for several questions, one after another. Its module calls {@link answerAll}. */
export class OpenThread<Question extends object> {
  readonly #thread: Worker;
  readonly #ended: Promise<never>;

  constructor(module: URL, input: unknown) {
    const thread = new Worker(module, { ...FLAGS, workerData: input });
    this.#thread = thread;
    this.#ended = new Promise((_, reject) => {
      thread.once("error", reject);
      thread.once("exit", () => reject(new Error("a thread has ended early")));
    });
    // It is told with the next answer, if one is asked for.
    this.#ended.catch(() => {});
  }

  /** @throws what failed there, with its properties but without its class. */
  ask<Answer>(question: Question): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => void this.#thread.once("message", resolve));
    this.#thread.postMessage(question, []);
    return Promise.race([answer, this.#ended]);
  }

  /** It ends by itself: terminated while it loads its modules, it would take the process with it on Node 20. */
  end(): void {
    this.#thread.postMessage(END, []);
  }
}

const END = null;

/** In the module of an {@link OpenThread}: answers what is asked until that ends it. */
export async function answerAll<Question extends object>(answer: (question: Question) => ThreadAnswer): Promise<void> {
  for await (const [question] of on(parentPort!, "message") as AsyncIterable<[Question | typeof END]>) {
    if (question === END) return;
    const { value, transfer = [] } = answer(question);
    parentPort!.postMessage(value, [...transfer]);
  }
}
