/**
 * The thread that runtimes run in, from the side of the caller. There is one a process, started when it is first
 * needed: the addon of tfjs-node keeps its state in globals, and two sessions share the cores anyway. A call that runs
 * keeps the process alive until it is done; an idle thread does not.
 */
import { Worker } from "node:worker_threads";
import type { Request, Response } from "./host.js";

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class RuntimeThread {
  /** Oldest first: answers come in the order of the calls. */
  private readonly calls: Call[] = [];
  private readonly worker: Worker;

  constructor() {
    // TensorFlow reads its settings from the environment of the process. What it logs at start-up says nothing to a user.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
    this.worker = new Worker(new URL("worker.js", import.meta.url), { execArgv: [] });
    this.worker.unref();
    this.worker.on("message", (response: Response) => this.settle(response));
    this.worker.on("error", (error) => this.end(error));
    this.worker.on("exit", () => this.end(new Error("the thread of the runtimes has ended")));
  }

  call(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.calls.length === 0) this.worker.ref();
      this.calls.push({ resolve, reject });
      this.worker.postMessage(request, transfer as ArrayBuffer[]);
    });
  }

  private settle(response: Response): void {
    const { resolve, reject } = this.calls.shift()!;
    if (this.calls.length === 0) this.worker.unref();
    if ("value" in response) return resolve(response.value);
    const error = new Error(response.error.message);
    if (response.error.stack !== undefined) error.stack = response.error.stack;
    reject(error);
  }

  private end(error: Error): void {
    if (thread === this) thread = null;
    for (const { reject } of this.calls.splice(0)) reject(error);
  }
}

let thread: RuntimeThread | null = null;

/** Sends a request to the thread of the runtimes; buffers in `transfer` move there. */
export function callRuntime(request: Request, transfer?: readonly ArrayBuffer[]): Promise<unknown> {
  thread ??= new RuntimeThread();
  return thread.call(request, transfer);
}
