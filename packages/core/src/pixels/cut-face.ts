/**
 * The one way in which a face is cut out of a photo, for datasets and for predictions: a square, turned so that the eyes
 * are level and stand at the same places in every one of them.
 *
 *        0        1/2        1      `eyeDistance` of the side lies between the eyes,
 *      0 +---------+---------+      `eyeHeight` of it above them; both are those of FER2013's pictures, as medians of
 *        |                   |      what BlazeFace finds there. The middle between the eyes is in the middle.
 *        |    o    .    o    |
 *        |                   |      Where eyes are not known the box tells the square; of a face in profile, whose eyes
 *        |        ___        |      seem near each other, it has the width of the box.
 *      1 +---------+---------+
 */
import type { Box } from "../image-folder/schema.js";
import type { FaceCrop } from "./face-crop.js";
import type { Picture } from "./picture.js";
import { warpArea } from "./warp-area.js";
import type { AffineMatrix } from "./warp-affine.js";

/** The places of FER2013's pictures. */
export const FACE_POSE = { eyeDistance: 0.36, eyeHeight: 0.39 } as const;

/** What is known of a face in a picture; places in pixels, the centre of the first pixel being at 0.5, 0.5. */
export interface FacePlace {
  /** From the brows to the chin. */
  box: Box;
  /** The eye further left in the upright face, the other one. */
  eyes: readonly [left: readonly [number, number], right: readonly [number, number]] | null;
}

/** Side of the square by the width of a box of BlazeFace, and how far above the middle of the box its middle lies. */
const [SIDE_BY_BOX, ABOVE] = [1.12, 0.063];

/** From a picture to the square of a face. */
export function faceMatrix(
  { box, eyes }: FacePlace,
  { side, eyeDistance, eyeHeight }: Omit<FaceCrop, "detector">,
): AffineMatrix {
  const width = Math.max(box.width, box.height);
  const distance = eyes === null ? 0 : Math.hypot(eyes[1][0] - eyes[0][0], eyes[1][1] - eyes[0][1]);
  if (eyes === null || distance < 1e-9) {
    const scale = side / (SIDE_BY_BOX * width);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2 - ABOVE * width];
    return [scale, 0, side / 2 - scale * x, 0, scale, side / 2 - scale * y];
  }
  const [[x1, y1], [x2, y2]] = eyes;
  const scale = side / Math.max(distance / eyeDistance, width);
  const [cos, sin] = [(scale * (x2 - x1)) / distance, (scale * (y2 - y1)) / distance];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [cos, sin, side / 2 - cos * x - sin * y, -sin, cos, eyeHeight * side + sin * x - cos * y];
}

/**
 * The square of a face, same channels: each pixel the mean of what it covers, edge pixels repeated outside the picture.
 *
 * @example
 * ```ts
 * import { cutFace, FACE_POSE } from "@fer/core/pixels";
 *
 * const picture = { width: 100, height: 80, channels: 1 as const, data: new Uint8Array(8000) };
 * const face = { box: { x: 30, y: 20, width: 40, height: 40 }, eyes: null };
 * console.log(cutFace(picture, { face, ...FACE_POSE, side: 48 }).width); // 48
 * ```
 */
export const cutFace = (
  picture: Picture,
  { face, ...crop }: { face: FacePlace } & Omit<FaceCrop, "detector">,
): Picture => warpArea(picture, { matrix: faceMatrix(face, crop), side: crop.side });
