/** One worker on one backend, from the page: started, asked one thing at a time, and gone. */
import { EngineError } from "@fer/core/errors";
import type { ModelInfo } from "@fer/core/model-info";
import { untilAborted } from "@fer/core/until-aborted";
import type { ReadModelFile } from "@fer/recognizer";
import { carried, revived } from "@fer/core/carried-error";
import type { DetectorOptions } from "./options.js";
import type { Answer, FromWorker, Task, ToWorker } from "./protocol.js";

interface SessionOptions {
  worker: Worker;
  read: ReadModelFile;
  detector: DetectorOptions;
  views: ModelInfo["views"] | undefined;
  /** Until when it is wanted: a start that is aborted ends the worker. */
  signal?: AbortSignal | undefined;
}

/** How the start of a worker ends; what is wrong with the model is thrown. */
export type StartResult = { session: WorkerSession; model: ModelInfo; device: string } | { reason: string };

/** What became of a task; where the backend was lost it comes back, its pictures decoded. */
type TaskResult = { answer: Answer } | { reason: string; task: Task | undefined; transfer: Transferable[] };

export class WorkerSession {
  readonly #worker: Worker;
  #count = 0;
  #settle: { id: number; resolve: (result: TaskResult) => void; reject: (error: Error) => void } | undefined;
  /** Why it is gone, where that was said while nothing was asked. */
  #lost: string | undefined;
  /** Told when it goes while nothing is asked. */
  onLost: ((reason: string) => void) | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static start({ worker, read, detector, views, signal }: SessionOptions): Promise<StartResult> {
    const session = new WorkerSession(worker);
    const started = new Promise<StartResult>((resolve, reject) => {
      const refuse = (reason: string): void => {
        session.end();
        resolve({ reason });
      };
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        const reason = `its worker failed (${event.message || "its script cannot be loaded"})`;
        session.#gone(reason);
        refuse(reason);
      });
      worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === "read") {
          const { id, name } = data;
          // The reader may be the caller's own.
          Promise.resolve(name)
            .then(read)
            .then((bytes) => session.#send({ type: "file", id, bytes }))
            .catch((error: unknown) => session.#send({ type: "no file", id, error: carried(error) }));
        } else if (data.type === "refused") refuse(data.reason);
        else if (data.type === "failed") {
          session.end();
          reject(revived(data.error));
        } else if (data.type === "started") resolve({ session, model: data.model, device: data.device });
        else session.#hear(data);
      });
      session.#send({ type: "start", detector, views });
    });
    return untilAborted(started, signal).catch((error: unknown) => {
      session.end();
      throw error;
    });
  }

  /** Does a task; one at a time. */
  do(
    task: Task,
    { transfer, signal }: { transfer: Transferable[]; signal: AbortSignal | undefined },
  ): Promise<TaskResult> {
    if (this.#lost !== undefined) return Promise.resolve({ reason: this.#lost, task, transfer });
    const id = (this.#count += 1);
    const abort = (): void => this.#send({ type: "abort", id });
    return new Promise<TaskResult>((resolve, reject) => {
      this.#settle = { id, resolve, reject };
      this.#send({ type: "task", id, task }, transfer);
      signal?.addEventListener("abort", abort, { once: true });
    }).finally(() => {
      this.#settle = undefined;
      signal?.removeEventListener("abort", abort);
    });
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Ends the worker; what was asked last is refused. */
  end(): void {
    this.#worker.terminate();
    this.#settle?.reject(
      new EngineError({ code: "DISPOSED", subject: "recognizer", found: "it was disposed of before it had answered" }),
    );
  }

  #hear(message: FromWorker): void {
    const waiting = this.#settle;
    if (message.type === "done" && message.id === waiting?.id) waiting.resolve({ answer: message.answer });
    else if (message.type === "not done" && message.id === waiting?.id) waiting.reject(revived(message.error));
    else if (message.type === "lost") this.#gone(message.reason, message.task);
  }

  #gone(reason: string, task?: Task): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    if (this.#settle !== undefined) this.#settle.resolve({ reason, task, transfer: [] });
    else this.onLost?.(reason);
  }
}
