/**
 * A thread that decodes, finds faces and runs the model, one question after another: what takes long, and what a hostile
 * picture could make take long, never holds up the thread that answers requests.
 */
import { FerError } from "@fer/core";
import { readHeader, readPicture } from "@fer/dataset-extractors/image";
import { type FacePredictor, loadModel, openFaceDetector, openFrozenModel } from "@fer/model";
import { findFaces, Recognizer } from "@fer/recognizer";
import { parentPort, workerData } from "node:worker_threads";
import { carried } from "@fer/core/carried-error";
import type { Answer, FoundFaces, Loaded, PictureFile, PictureProblem, Question, ThreadSettings } from "./messages.js";

const settings = workerData as ThreadSettings;
const port = parentPort!;

async function open(): Promise<{ model: FacePredictor; recognizer: Recognizer }> {
  const { smallest } = settings;
  const from = settings.model;
  // onnxruntime takes no memory that threads share.
  const model =
    "onnx" in from
      ? await openFrozenModel({ ...from, onnx: Uint8Array.from(from.onnx) })
      : await loadModel(from.source, from);
  const detector = await openFaceDetector(smallest === undefined ? {} : { smallest });
  return { model, recognizer: new Recognizer({ detector, model }) };
}

const opened = open();
opened.then(
  ({ model }) => port.postMessage({ model: model.model } satisfies Loaded, []),
  (error: unknown) => port.postMessage({ failure: carried(error) } satisfies Loaded, []),
);

port.on("message", (question: Question) => void answer(question));

async function answer(question: Question): Promise<void> {
  try {
    if (question.do === "predict") {
      const { model } = await opened;
      port.postMessage({ value: await model.predict(question.pixels) } satisfies Answer, []);
      return;
    }
    const value: FoundFaces[] = [];
    for (const picture of question.pictures) value.push(await find(picture));
    const buffers = value.flatMap((found) => ("pixels" in found ? [found.pixels.buffer as ArrayBuffer] : []));
    port.postMessage({ value } satisfies Answer, buffers);
  } catch (error) {
    port.postMessage(
      { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer,
      [],
    );
  }
}

async function find({ bytes, faces: wanted }: PictureFile): Promise<FoundFaces> {
  const header = readHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (typeof header === "string") return problem("BAD_IMAGE", header);
  const { maxPixels, decoder, fit } = settings;
  if (header.width * header.height > maxPixels) {
    const most = `the limit of this server is ${maxPixels / 1e6} million`;
    return problem("TOO_MANY_PIXELS", `${header.width} x ${header.height} pixels; ${most}`);
  }
  const { recognizer } = await opened;
  try {
    const picture = await readPicture(bytes, { decoder });
    const { width, height } = picture;
    const faces = await findFaces(picture, { detector: recognizer.detector, faces: wanted });
    const cut = faces?.map((face) => recognizer.cut(picture, face)) ?? [picture];
    return { width, height, faces, pixels: recognizer.pixels(cut, faces === null ? { fit } : {}) };
  } catch (error) {
    if (!(error instanceof FerError) || error.code !== "BAD_IMAGE") throw error;
    return problem("BAD_IMAGE", String(error.context["problem"] ?? error.message));
  }
}

const problem = (code: PictureProblem["code"], message: string): FoundFaces => ({ problem: { code, message } });
