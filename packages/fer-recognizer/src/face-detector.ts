/** What finds faces, whichever it is. */
import type { Box } from "@fer/core/image-folder";
import type { Picture } from "@fer/core/pixels";

/** A place in a picture, in pixels from its left upper corner; the centre of the first pixel is at 0.5, 0.5. */
export type Point = readonly [x: number, y: number];

/** A face in a picture. */
export interface Face {
  /** From the brows to the chin, upright, in pixels; it may reach beyond the picture. */
  box: Box;
  /** How sure the detector is, [0, 1]. */
  score: number;
  /** Centres of both eyes, the one that is further left in the upright face first; `null` where they are not known. */
  eyes: readonly [Point, Point] | null;
}

export interface DetectOptions {
  signal?: AbortSignal | undefined;
  /** Width of the smallest face that is looked for in this picture, in pixels; else the detector's own. */
  smallest?: number | undefined;
}

/** Finds faces. Another one than {@link blazeFace} is passed by value. */
export interface FaceDetector {
  /** What it is called where it is recorded, such as `blazeface`. */
  readonly name: string;
  /** Faces of a picture, the largest first; none where there are none. */
  detect(picture: Picture, options?: DetectOptions): Promise<Face[]>;
  /** Gives back what it holds. */
  dispose?(): void;
}
