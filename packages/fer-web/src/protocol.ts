/** What page and worker say to each other. The page asks one thing at a time, and answers for files in between. */
import type { CarriedError } from "@fer/core/carried-error";
import type { Prediction } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/model-info";
import type { Picture } from "@fer/core/pixels";
import type { Face, RecognizedFace } from "@fer/recognizer";
import type { DetectorOptions } from "./options.js";

/** A picture on its way: what the browser decoded, a file, bytes of red, green, blue and alpha, or those of a `Picture`. */
export type Carried = ImageBitmap | VideoFrame | Blob | RawPixels | Picture;

/** Of an `ImageData`. */
interface RawPixels {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
}

/** What is asked. */
export type Task =
  | { kind: "recognize"; pictures: [Carried]; smallest?: number | undefined }
  | { kind: "expressionsOf"; pictures: [Carried]; faces: readonly Face[] }
  | { kind: "expressions"; pictures: Carried[] };

export type Answer = RecognizedFace[] | Prediction[];

export type ToWorker =
  | { type: "start"; detector: DetectorOptions; views: ModelInfo["views"] | undefined }
  | { type: "file"; id: number; bytes: Uint8Array }
  | { type: "no file"; id: number; error: CarriedError }
  | { type: "task"; id: number; task: Task }
  | { type: "abort"; id: number };

export type FromWorker =
  | { type: "read"; id: number; name: string }
  | { type: "started"; model: ModelInfo; device: string }
  | { type: "refused"; reason: string }
  | { type: "failed"; error: CarriedError }
  | { type: "done"; id: number; answer: Answer }
  | { type: "not done"; id: number; error: CarriedError }
  /** The device is gone; what was asked comes back, decoded, to be asked elsewhere. */
  | { type: "lost"; reason: string; task: Task | undefined };
