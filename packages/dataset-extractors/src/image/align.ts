/**
 * Faces brought into one pose by their eyes: the similarity transform (turn, scale, shift) that puts the centres of
 * both eyes on fixed places, bilinear, black outside. Coordinates in 32nds of a pixel and integer weights, bit for bit
 * OpenCV's classic `warpAffine(image, matrix, size, INTER_LINEAR)`.
 */
import type { Picture } from "./picture.js";

/** Where the centre of the left eye (of the picture) comes to lie, as part of the side; the right one is opposite. */
const EYE_X = 0.3;
const EYE_Y = 0.35;

/** `[[a, b, c], [d, e, f]]` as six numbers: `(x, y) -> (a x + b y + c, d x + e y + f)`. */
export type Affine = readonly [number, number, number, number, number, number];

/**
 * The transform for landmarks in pixels: 68 points in iBUG order (eyes are 36..41 and 42..47), or five or two points
 * of which the first are the eyes. `undefined` where they name no two eyes.
 */
export function eyeTransform(landmarks: readonly (readonly [number, number])[], side: number): Affine | undefined {
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

/** The picture under a transform, `side x side` pixels. */
export function warpAffine(picture: Picture, matrix: Affine, side: number): Picture {
  const { width, height, channels, data } = picture;
  const [a, b, c, d, e, f] = inverse(matrix);
  const out = new Uint8Array(side * side * channels);
  const pixel = (x: number, y: number, channel: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : data[(y * width + x) * channels + channel]!;
  for (let y = 0; y < side; y++) {
    const x0 = rint((b * y + c) * 1024) + 16;
    const y0 = rint((e * y + f) * 1024) + 16;
    for (let x = 0; x < side; x++) {
      const u = (x0 + rint(a * x * 1024)) >> 5;
      const v = (y0 + rint(d * x * 1024)) >> 5;
      const [column, row, right, down] = [u >> 5, v >> 5, u & 31, v & 31];
      for (let channel = 0; channel < channels; channel++) {
        const top = (32 - right) * pixel(column, row, channel) + right * pixel(column + 1, row, channel);
        const bottom = (32 - right) * pixel(column, row + 1, channel) + right * pixel(column + 1, row + 1, channel);
        out[(y * side + x) * channels + channel] = ((32 - down) * top + down * bottom + 512) >> 10;
      }
    }
  }
  return { width: side, height: side, channels, data: out };
}

function inverse([a, b, c, d, e, f]: Affine): Affine {
  const scale = 1 / (a * e - b * d);
  const [ia, ib, id, ie] = [e * scale, -b * scale, -d * scale, a * scale];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}

function centre(points: readonly (readonly [number, number])[]): [number, number] {
  const sum = (axis: 0 | 1) => points.reduce((total, point) => total + point[axis], 0) / points.length;
  return [sum(0), sum(1)];
}

/** Nearest integer, halves to the even one, as C's `lrint`. */
function rint(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
