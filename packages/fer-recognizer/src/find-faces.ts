/** Whether a picture is one face that was cut out, or a photo that is searched for faces. */
import type { Picture } from "@fer/core/pixels";
import type { DetectOptions, Face, FaceDetector } from "./face-detector.js";

/** `crop`: each picture is a face that was cut out; `detect`: it is searched for faces; `auto` looks which it is. */
export const FACES = ["auto", "crop", "detect"] as const;

export interface FindFacesOptions extends DetectOptions {
  detector: FaceDetector;
  faces: (typeof FACES)[number];
}

/** Edge up to which a square picture is taken for a face without looking. */
const SMALL = 64;
/** Edge up to which it is where no face is found. */
const MIDDLING = 256;
/** Part of a square picture that its face has where nothing else is in it. */
const FILLS = 0.45;

/**
 * The faces of a photo, the largest first; `null` of a picture that is a face itself.
 *
 * @example
 * ```ts
 * import { blazeFace, findFaces } from "@fer/recognizer";
 *
 * const picture = { width: 48, height: 48, channels: 1 as const, data: new Uint8Array(48 * 48) };
 * console.log(await findFaces(picture, { detector: blazeFace(), faces: "auto" })); // null
 * ```
 */
export async function findFaces(
  picture: Picture,
  { detector, faces: wanted, signal }: FindFacesOptions,
): Promise<Face[] | null> {
  const { width, height } = picture;
  const edge = Math.max(width, height);
  const isSquare = edge <= 1.25 * Math.min(width, height);
  if (wanted === "crop" || (wanted === "auto" && isSquare && edge <= SMALL)) return null;
  const found = await detector.detect(picture, { signal });
  const isFace = found.length === 0 ? edge <= MIDDLING : found[0]!.box.width >= FILLS * edge;
  return wanted === "auto" && isSquare && isFace ? null : found;
}
