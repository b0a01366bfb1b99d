/**
 * Faces brought into one pose by their eyes: the similarity transform (turn, scale, shift) that puts the centres of
 * both eyes on fixed places.
 */
import type { AffineMatrix } from "./warp-affine.js";

/** Where the centre of the left eye (of the picture) comes to lie, as part of the side; the right one is opposite. */
const EYE_X = 0.3;
const EYE_Y = 0.35;

/**
 * The transform for landmarks in pixels: 68 points in iBUG order (eyes are 36..41 and 42..47), or five or two points
 * of which the first are the eyes. `undefined` where they name no two eyes.
 */
export function eyeTransform(
  landmarks: readonly (readonly [number, number])[],
  side: number,
): AffineMatrix | undefined {
  const [first, second] =
    landmarks.length === 68 ? [centre(landmarks.slice(36, 42)), centre(landmarks.slice(42, 48))] : landmarks;
  const known = [68, 5, 2].includes(landmarks.length);
  if (!known || first === undefined || second === undefined) return undefined;
  const [[x1, y1], [x2, y2]] = first[0] <= second[0] ? [first, second] : [second, first];
  const dx = x2 - x1;
  const dy = y2 - y1;
  const square = dx * dx + dy * dy;
  if (!(square > 0) || !Number.isFinite(square)) return undefined;
  // (dx, dy) becomes (width, 0): multiply by width / (dx + i dy)
  const width = (1 - 2 * EYE_X) * side;
  const a = (width * dx) / square;
  const b = (width * dy) / square;
  return [a, b, EYE_X * side - a * x1 - b * y1, -b, a, EYE_Y * side + b * x1 - a * y1];
}

function centre(points: readonly (readonly [number, number])[]): [number, number] {
  const sum = (axis: 0 | 1) => points.reduce((total, point) => total + point[axis], 0) / points.length;
  return [sum(0), sum(1)];
}
