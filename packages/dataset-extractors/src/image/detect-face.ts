/** The face of a picture that was found by a detector, cut out as all others are. */
import type { Box, SkipReason } from "@fer/core/image-folder";
import { cutFace, type FaceCrop, type FacePlace, overlapOf, type Picture, pictureOf } from "@fer/core/pixels";

/** What finds faces. A `FaceDetector` of `@fer/recognizer` is one. */
export interface FaceFinder {
  /** Faces of a picture, the largest first. */
  detect(picture: Picture): Promise<readonly FacePlace[]>;
}

/** Where a detector comes from: functions cannot be sent to the threads that decode pictures, so each opens its own. */
export interface DetectorModule {
  /** What it is called in `dataset.json`, such as `blazeface`. */
  name: string;
  /** Address of a module whose default export opens it: `() => Promise<FaceFinder>`. */
  module: string;
}

/** Opens a detector in this thread. */
export async function openDetector({ module }: DetectorModule): Promise<FaceFinder> {
  const { default: open } = (await import(module)) as { default: () => Promise<FaceFinder> };
  return open();
}

/** How a face is to be found and cut out. */
export interface DetectTask extends Omit<FaceCrop, "detector"> {
  several: "largest" | "refuse";
}

/** A face that was cut out, or why there is none. */
export type DetectedFace = { picture: Picture; box: Box; faces: number } | { reason: SkipReason; detail: string };

/** @param box The owner's, if there is one: it says which face. */
export async function cutDetected(
  picture: Picture,
  { finder, box, several, ...crop }: DetectTask & { finder: FaceFinder; box: Box | null },
): Promise<DetectedFace> {
  const all = await finder.detect(picture);
  const faces =
    box === null
      ? all
      : all
          .filter((face) => overlapOf(face.box, box) > 0)
          .toSorted((a, b) => overlapOf(b.box, box) - overlapOf(a.box, box));
  const [face] = faces;
  if (face === undefined) {
    const detail =
      all.length === 0 ? "no face was found in it" : `none of ${all.length} faces that were found is in its box`;
    return { reason: "no-face", detail };
  }
  if (box === null && several === "refuse" && faces.length > 1)
    return { reason: "several-faces", detail: `${faces.length} faces were found in it` };
  const cut = cutFace(picture, { face, ...crop });
  // a grey part of a colour picture is grey
  return { picture: pictureOf(cut.data, cut), box: face.box, faces: box === null ? faces.length : 1 };
}
