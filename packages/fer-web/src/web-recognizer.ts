/** Faces and their expressions in a page: the work is done in a worker, on a backend that may change. */
import { EngineError } from "@fer/core/errors";
import type { Prediction } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/model-info";
import { untilAborted } from "@fer/core/until-aborted";
import type { Face, RecognizedFace } from "@fer/recognizer";
import type { Backend } from "./backends.js";
import { type Camera, type CameraShot, shotsOf, type WatchOptions } from "./camera.js";
import type { Answer, Task } from "./protocol.js";
import { parcel, type PictureSource } from "./source.js";
import { noBackend, type Running } from "./start-backend.js";
import type { WorkerSession } from "./worker-session.js";

export interface AskOptions {
  signal?: AbortSignal | undefined;
  /** Whether the picture stays the caller's; default false: an `ImageBitmap`, `VideoFrame` or `ImageData` is handed over. */
  keep?: boolean | undefined;
}

export interface RecognizeOptions extends AskOptions {
  /** Width of the smallest face that is looked for in this picture, in pixels; else the recognizer's. */
  smallest?: number | undefined;
}

/** What a recognizer is made of. */
interface RecognizerStart {
  running: Running;
  /** Starts the next backend that works; `null` where none is left. */
  next: (refused: Backend["refused"]) => Promise<Running | null>;
  onBackendChange: ((backend: Backend) => void) | undefined;
}

interface Question {
  options: AskOptions;
  taskOf: (pictures: Task["pictures"][number][]) => Task;
}

/**
 * Made by `createRecognizer`. Its answers are those of `Recognizer` of `@fer/recognizer`, which is what runs in the worker.
 */
export class WebRecognizer {
  /** What `model.json` says. */
  readonly model: ModelInfo;
  readonly #parts: RecognizerStart;
  #backend: Backend;
  #session: WorkerSession | undefined;
  /** The end of what was asked before. */
  #queue: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  constructor(parts: RecognizerStart) {
    const { running } = parts;
    this.model = running.model;
    this.#parts = parts;
    this.#backend = running.backend;
    this.#adopt(running.session);
  }

  /** What computes now, and what did not, or no more. */
  get backend(): Backend {
    return this.#backend;
  }

  /** The faces of a picture, the largest first; none where there are none. */
  async recognize(source: PictureSource, options: RecognizeOptions = {}): Promise<RecognizedFace[]> {
    const { smallest } = options;
    return this.#ask([source], {
      options,
      taskOf: ([picture]) => ({ kind: "recognize", pictures: [picture!], smallest }),
    }) as Promise<RecognizedFace[]>;
  }

  /** The same of faces that were found already. */
  async expressionsOf(
    source: PictureSource,
    { faces, ...options }: AskOptions & { faces: readonly Face[] },
  ): Promise<RecognizedFace[]> {
    return this.#ask([source], {
      options,
      taskOf: ([picture]) => ({ kind: "expressionsOf", pictures: [picture!], faces }),
    }) as Promise<RecognizedFace[]>;
  }

  /** What faces show that were cut out already: each picture is one face. */
  async expressions(sources: readonly PictureSource[], options: AskOptions = {}): Promise<Prediction[]> {
    return this.#ask(sources, { options, taskOf: (pictures) => ({ kind: "expressions", pictures }) }) as Promise<
      Prediction[]
    >;
  }

  /**
   * What a camera sees, as fast as it can be looked at: whenever the next one is asked for, the newest frame is taken, and
   * those in between are left out. Ends when the camera is stopped.
   *
   * @example
   * ```ts not run: it wants a page
   * import { createRecognizer, openCamera } from "@fer/web";
   *
   * const recognizer = await createRecognizer();
   * const camera = await openCamera();
   * for await (const { faces } of recognizer.watch(camera)) console.log(faces[0]?.expression);
   * ```
   */
  watch(camera: Camera, options: WatchOptions = {}): AsyncGenerator<CameraShot> {
    return shotsOf(camera, { ...options, recognizer: this });
  }

  /** Ends the worker; what was asked and not answered is refused. */
  dispose(): void {
    this.#isDisposed = true;
    this.#session?.end();
    this.#session = undefined;
  }

  async #ask(sources: readonly PictureSource[], { options, taskOf }: Question): Promise<Answer> {
    const { signal, keep = false } = options;
    signal?.throwIfAborted();
    const parcels = await Promise.all(sources.map((source) => parcel(source, { keep })));
    const task = taskOf(parcels.map(({ picture }) => picture));
    const transfer = parcels.flatMap((each) => each.transfer);
    const answer = this.#queue.then(() => this.#answer(task, { transfer, signal }));
    this.#queue = answer.catch(() => {});
    return untilAborted(answer, signal);
  }

  async #answer(task: Task, { transfer, signal }: { transfer: Transferable[]; signal: AbortSignal | undefined }) {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#session === undefined) throw this.#isDisposed ? disposed() : noBackend(this.#backend.refused);
      const result = await this.#session.do(task, { transfer, signal });
      if ("answer" in result) return result.answer;
      await this.#fallBack(result.reason);
      if (result.task === undefined) {
        throw new EngineError({
          code: "BACKEND_LOST",
          subject: "recognizer",
          found: `${result.reason}, and the picture with it`,
          fix: "Ask again; another backend has taken over",
        });
      }
      ({ task, transfer } = { task: result.task, transfer: result.transfer });
    }
  }

  #adopt(session: WorkerSession): void {
    this.#session = session;
    // While nothing is asked; a failure is told to the next who asks.
    session.onLost = (reason) => {
      const over = async (): Promise<void> => (this.#session === session ? this.#fallBack(reason) : undefined);
      this.#queue = this.#queue.then(over).catch(() => {});
    };
  }

  /** Goes on with the next backend, and says so. */
  async #fallBack(reason: string): Promise<void> {
    if (this.#isDisposed) throw disposed();
    const { name, refused } = this.#backend;
    this.#session?.end();
    this.#session = undefined;
    const now = [...refused, { name, reason }];
    this.#backend = { ...this.#backend, refused: now };
    const running = await this.#parts.next(now);
    if (running === null) throw noBackend(this.#backend.refused);
    if (this.#isDisposed) {
      running.session.end();
      throw disposed();
    }
    this.#backend = running.backend;
    this.#adopt(running.session);
    this.#parts.onBackendChange?.(running.backend);
  }
}

const disposed = (): EngineError =>
  new EngineError({ code: "DISPOSED", subject: "recognizer", found: "it was disposed of", fix: "Create another one" });
