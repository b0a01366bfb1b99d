/** The worker's side: opens detector and model on one backend, then does what the page asks, one task after another. */
import { EngineError, FerError } from "@fer/core/errors";
import type { ModelInfo } from "@fer/core/model-info";
import type { Picture } from "@fer/core/pixels";
import { blazeFace, openPackagedModel, Recognizer } from "@fer/recognizer";
import * as tf from "@tensorflow/tfjs-core";
import type { BackendName } from "../backends.js";
import { carried, revived } from "@fer/core/carried-error";
import type { DetectorOptions } from "../options.js";
import type { Answer, FromWorker, Task, ToWorker } from "../protocol.js";
import { picturePixels } from "./pixels.js";

/** A backend of TensorFlow.js that has started. */
interface Started {
  /** As the browser calls it. */
  device: string;
  /** Fulfilled with the reason when the device is gone; never where it cannot go. */
  lost?: Promise<string>;
  /** Whether it is gone already, although nobody was told yet. */
  isLost?: () => boolean;
}

/** @param prepare What must be set before the backend is made. */
export function serve(name: BackendName, { prepare, started }: { prepare?: () => void; started: () => Started }): void {
  const files = new Map<number, { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }>();
  let asked = 0;
  let work: ReturnType<typeof working> | undefined;

  /** A file of the model, which the page knows how to get. */
  const read = (file: string): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const id = (asked += 1);
      files.set(id, { resolve, reject });
      tell({ type: "read", id, name: file });
    });

  async function start({ detector, views }: { detector: DetectorOptions; views: ModelInfo["views"] | undefined }) {
    let recognizer: Recognizer;
    let state: Started;
    try {
      prepare?.();
      if (!(await tf.setBackend(name))) throw new Error("TensorFlow.js cannot start it");
      await tf.ready();
      state = started();
    } catch (error) {
      tell({ type: "refused", reason: (error as Error).message });
      return;
    }
    try {
      const model = await openPackagedModel(read, { views });
      recognizer = new Recognizer({ detector: blazeFace(detector), model });
    } catch (error) {
      tell({ type: "failed", error: carried(error) });
      return;
    }
    try {
      await warm(recognizer);
    } catch (error) {
      tell({ type: "refused", reason: (error as Error).message });
      return;
    }
    work = working(recognizer, state);
    tell({ type: "started", model: recognizer.model.model, device: state.device });
  }

  addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
    if (data.type === "start") void start(data);
    else if (data.type === "file") settled(data.id)?.resolve(data.bytes);
    else if (data.type === "no file") settled(data.id)?.reject(revived(data.error));
    else if (data.type === "task") void work?.begin(data.id, data.task);
    else work?.abort(data.id);
  });

  const settled = (id: number) => {
    const waiting = files.get(id);
    files.delete(id);
    return waiting;
  };
}

const tell = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

/** Everything once: shaders are compiled, and a device that cannot is found out. */
async function warm(recognizer: Recognizer): Promise<void> {
  const side = 128;
  const data = Uint8Array.from({ length: side * side }, (_, i) => (i * 37) % 251);
  const picture = { width: side, height: side, channels: 1 as const, data };
  await recognizer.recognize(picture, { smallest: side });
  const [prediction] = await recognizer.expressions([picture]);
  const values = Object.values(prediction!.probabilities);
  const sum = values.reduce((all, value) => all + value, 0);
  if (!(Math.abs(sum - 1) < 1e-2)) throw new Error(`its probabilities sum up to ${sum}`);
}

/** What is asked of a recognizer that is ready. */
function working(recognizer: Recognizer, { lost, isLost }: Started) {
  const controllers = new Map<number, AbortController>();
  /** What is being done, its pictures decoded: what held them is used up. */
  let current: Task | undefined;
  let isDecoding = false;
  /** Why nothing is done here any more. */
  let over: string | undefined;

  void lost?.then(end);

  /** Gives back what is unfinished, once it can be sent. */
  function end(reason: string): void {
    if (over !== undefined) return;
    over = reason;
    if (!isDecoding) giveBack();
  }

  const giveBack = (): void => tell({ type: "lost", reason: over!, task: current });

  async function begin(id: number, task: Task): Promise<void> {
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      isDecoding = true;
      const pictures = await Promise.all(task.pictures.map(picturePixels)).finally(() => (isDecoding = false));
      current = { ...task, pictures } as Task;
      if (over !== undefined) return giveBack();
      const answer = await answerOf(task, { recognizer, pictures, signal: controller.signal });
      if (over !== undefined) return;
      if (isLost?.() === true) end("its context was lost");
      else tell({ type: "done", id, answer });
    } catch (error) {
      if (current !== undefined && over !== undefined) return;
      if (controller.signal.aborted || error instanceof FerError) tell({ type: "not done", id, error: carried(error) });
      else if (lost === undefined) tell({ type: "not done", id, error: carried(failed(error)) });
      else end((error as Error).message);
      if (over !== undefined && current === undefined) giveBack();
    } finally {
      controllers.delete(id);
      current = undefined;
    }
  }

  return { begin, abort: (id: number) => controllers.get(id)?.abort() };
}

const failed = (cause: unknown): EngineError =>
  new EngineError({
    code: "PREDICTION_FAILED",
    subject: "recognizer",
    found: `the network failed (${(cause as Error).message})`,
    fix: "Pass a smaller picture, or name another backend",
    cause,
  });

interface Doing {
  recognizer: Recognizer;
  pictures: Picture[];
  signal: AbortSignal;
}

async function answerOf(task: Task, { recognizer, pictures, signal }: Doing): Promise<Answer> {
  switch (task.kind) {
    case "recognize":
      return recognizer.recognize(pictures[0]!, { signal, smallest: task.smallest });
    case "expressionsOf":
      return recognizer.expressionsOf(pictures[0]!, { faces: task.faces, signal });
    case "expressions":
      return recognizer.expressions(pictures, { signal });
  }
}
