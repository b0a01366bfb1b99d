/**
 * Pictures -> faces with their expressions. A picture is one face that was cut out, or a photo that is searched for faces;
 * one is in memory at a time, of those that are faces the few pixels that a model sees.
 */
import { buffer } from "node:stream/consumers";
import { DatasetError, type TaskHooks } from "@fer/core";
import type { Fit } from "@fer/core/set";
import { type DecoderName, type Picture, readPicture } from "@fer/dataset-extractors/image";
import type { Prediction } from "@fer/model";
import type { RecognizedFace, Recognizer } from "@fer/recognizer";
import { STDIN } from "./find-pictures.js";

/** What is taken for a face that was cut out. */
export const FACES = ["auto", "crop", "detect"] as const;

/** What was seen in a file: it is a face, has faces, or cannot be decoded. */
export type Seen =
  | ({ file: string } & Prediction)
  | { file: string; faces: RecognizedFace[] }
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

/** Files in a batch. */
const BATCH = 256;
/** Edge up to which a square picture is taken for a face without looking. */
const SMALL = 64;
/** Edge up to which it is where no face is found. */
const MIDDLING = 256;
/** Part of a square picture that its face has where nothing else is in it. */
const FILLS = 0.45;

/** Looks at files, batch by batch, in their order. */
export async function* lookAtPictures(files: readonly string[], settings: LookSettings): AsyncGenerator<Seen[]> {
  const { recognizer, hooks } = settings;
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    const seen: Seen[] = [];
    const crops: { at: number; pixels: Uint8Array }[] = [];
    for (const [i, file] of batch.entries()) {
      hooks.signal.throwIfAborted();
      hooks.onProgress({ stage: "predict", done: from + i, total: files.length, unit: "images" });
      try {
        const found = await lookAt(file, settings);
        if ("faces" in found) seen.push(found);
        else crops.push({ at: seen.push({ file, problem: "" }) - 1, pixels: found.pixels });
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        seen.push({ file, problem: String(error.context["problem"] ?? error.message) });
      }
    }
    // a Buffer would stand for the bytes of a picture file
    const pixels = new Uint8Array(Buffer.concat(crops.map((crop) => crop.pixels)));
    const predictions = crops.length === 0 ? [] : await recognizer.model.predict(pixels, { signal: hooks.signal });
    for (const [i, { at }] of crops.entries()) seen[at] = { file: batch[at]!, ...predictions[i]! };
    hooks.onProgress({ stage: "predict", done: from + batch.length, total: files.length, unit: "images" });
    yield seen;
  }
}

/** The faces of a photo, or the pixels of a picture that is a face. */
async function lookAt(
  file: string,
  { recognizer, faces: wanted, fit, decoder, hooks, onPhoto }: LookSettings,
): Promise<{ file: string; faces: RecognizedFace[] } | { pixels: Uint8Array }> {
  const picture = await readPicture(file === STDIN ? await buffer(process.stdin) : file, { decoder });
  const pixels = (): { pixels: Uint8Array } => ({ pixels: recognizer.pixels([picture], { fit }) });
  const { width, height } = picture;
  const isSquare = Math.max(width, height) <= 1.25 * Math.min(width, height);
  const edge = Math.max(width, height);
  if (wanted === "crop" || (wanted === "auto" && isSquare && edge <= SMALL)) return pixels();
  const found = await recognizer.detector.detect(picture, { signal: hooks.signal });
  if (wanted === "auto" && isSquare && (found.length === 0 ? edge <= MIDDLING : found[0]!.box.width >= FILLS * edge))
    return pixels();
  const faces = await recognizer.expressionsOf(picture, { faces: found, signal: hooks.signal });
  await onPhoto?.({ file, picture, faces });
  return { file, faces };
}
