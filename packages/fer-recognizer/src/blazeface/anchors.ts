/**
 * From the numbers of the network to faces. Each anchor stands in the centre of a cell of a grid of 16 x 16 (two anchors
 * a cell) or 8 x 8 (six); its box and points are told from there, in pixels of a picture of 256 x 256 (MediaPipe,
 * `SsdAnchorsCalculator` with fixed anchors, `TensorsToDetectionsCalculator`).
 */
import type { Point } from "../face-detector.js";
import { ANCHORS, EDGE, type NetworkOutput, VALUES } from "./network.js";

/** A face as the network has it, in the coordinates of whatever was looked at. */
export interface Candidate {
  /** Centre of the box. */
  centre: Point;
  width: number;
  height: number;
  /** [0, 1] */
  score: number;
  /** The eye that is further left in the upright face, the other one. */
  eyes: readonly [Point, Point];
}

/** Places in pixels of the network's own picture. */
const PLACES: readonly Point[] = [
  [16, 2],
  [8, 6],
].flatMap(([cells, anchors]) =>
  Array.from({ length: cells! * cells! * anchors! }, (_, i): Point => {
    const cell = Math.floor(i / anchors!);
    const edge = EDGE / cells!;
    return [((cell % cells!) + 0.5) * edge, (Math.floor(cell / cells!) + 0.5) * edge];
  }),
);

/** Faces in one of the pictures, of at least this score, unsorted; many of them are the same face. */
export function candidatesOf(
  { scores, values }: NetworkOutput,
  { picture, least }: { picture: number; least: number },
): Candidate[] {
  const bound = -Math.log(1 / least - 1);
  return PLACES.flatMap(([x, y], anchor): Candidate[] => {
    const row = picture * ANCHORS + anchor;
    const logit = scores[row]!;
    if (logit < bound) return [];
    const at = row * VALUES;
    const point = (i: number): Point => [x + values[at + i]!, y + values[at + i + 1]!];
    return [
      {
        centre: point(0),
        width: values[at + 2]!,
        height: values[at + 3]!,
        score: 1 / (1 + Math.exp(-logit)),
        eyes: [point(4), point(6)],
      },
    ];
  });
}
