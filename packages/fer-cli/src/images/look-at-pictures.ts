/**
 * Pictures -> faces with their expressions. A picture is one face that was cut out, or a photo that is searched for faces;
 * one is in memory at a time, of those that are faces the few pixels that a model sees.
 */
import { buffer } from "node:stream/consumers";
import { DatasetError, type TaskHooks } from "@fer/core";
import type { Fit } from "@fer/core/set";
import { type DecoderName, type Picture, readPicture } from "@fer/dataset-extractors/image";
import type { Prediction } from "@fer/model";
import { type FACES, findFaces, type RecognizedFace, type Recognizer, type TrackedFace } from "@fer/recognizer";
import { STDIN } from "./find-pictures.js";

/** A picture that was looked at. */
interface LookedAt {
  file: string;
  /** Frames of an animation, of which the first was looked at. */
  firstOf?: number;
}

/** What was seen in a file: it is a face, has faces, is a frame of a video that has faces, or cannot be decoded. */
export type Seen =
  | (LookedAt & Prediction)
  | (LookedAt & { faces: RecognizedFace[] })
  | { file: string; time: number; frame: number; faces: TrackedFace[] }
  | { file: string; problem: string };

export interface LookSettings {
  recognizer: Recognizer;
  faces: (typeof FACES)[number];
  /** As in the training if left out. */
  fit: Fit | undefined;
  decoder: DecoderName;
  hooks: Required<TaskHooks>;
  /** Called with each photo and its faces while the photo is in memory. */
  onPhoto?: (photo: { file: string; picture: Picture; faces: readonly RecognizedFace[] }) => Promise<void>;
}

/** Files in a batch: what is said of few is forgotten while it is young. */
const BATCH = 64;

/** Looks at files, batch by batch, in their order. */
export async function* lookAtPictures(files: readonly string[], settings: LookSettings): AsyncGenerator<Seen[]> {
  const { recognizer, hooks } = settings;
  const { size, channels } = recognizer.model.model;
  const length = size * size * channels;
  // of all crops of a batch: many small pieces would outlive the young generation, and so fill the memory for minutes
  const pixels = new Uint8Array(Math.min(BATCH, files.length) * length);
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    const seen: Seen[] = [];
    const crops: { at: number; looked: LookedAt }[] = [];
    for (const [i, file] of batch.entries()) {
      hooks.signal.throwIfAborted();
      hooks.onProgress({ stage: "predict", done: from + i, total: files.length, unit: "images" });
      try {
        const looked: LookedAt = { file };
        const found = await lookAt(looked, settings);
        if ("faces" in found) seen.push({ ...looked, ...found });
        else {
          pixels.set(found.pixels, crops.length * length);
          crops.push({ looked, at: seen.push({ file, problem: "" }) - 1 });
        }
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        seen.push({ file, problem: String(error.context["problem"] ?? error.message) });
      }
    }
    const crop = pixels.subarray(0, crops.length * length);
    const predictions = crops.length === 0 ? [] : await recognizer.model.predict(crop, { signal: hooks.signal });
    for (const [i, { at, looked }] of crops.entries()) seen[at] = { ...looked, ...predictions[i]! };
    hooks.onProgress({ stage: "predict", done: from + batch.length, total: files.length, unit: "images" });
    yield seen;
  }
}

/** The faces of a photo, or the pixels of a picture that is a face. */
async function lookAt(
  looked: LookedAt,
  { recognizer, faces: wanted, fit, decoder, hooks, onPhoto }: LookSettings,
): Promise<{ faces: RecognizedFace[] } | { pixels: Uint8Array }> {
  const { file } = looked;
  const picture = await readPicture(file === STDIN ? await buffer(process.stdin) : file, {
    decoder,
    onAnimation: (frames) => void (looked.firstOf = frames),
  });
  const found = await findFaces(picture, { detector: recognizer.detector, faces: wanted, signal: hooks.signal });
  if (found === null) return { pixels: recognizer.pixels([picture], { fit }) };
  const faces = await recognizer.expressionsOf(picture, { faces: found, signal: hooks.signal });
  await onPhoto?.({ file, picture, faces });
  return { faces };
}
