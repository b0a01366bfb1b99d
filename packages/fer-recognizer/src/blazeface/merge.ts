/**
 * One face is seen by several anchors and in several windows: boxes that cover each other are blended, weighted by their
 * scores (MediaPipe's weighted non-maximum suppression).
 */
import type { Point } from "../face-detector.js";
import type { Candidate } from "./anchors.js";

/** Overlap from which two boxes are one face: intersection over union, or the share of the smaller box that lies inside. */
const [UNION, INSIDE] = [0.3, 0.6];

/** The surest first. */
export function merged(candidates: readonly Candidate[]): Candidate[] {
  let left = candidates.toSorted((a, b) => b.score - a.score);
  const faces: Candidate[] = [];
  while (left.length > 0) {
    const best = left[0]!;
    const same = left.filter((each) => isSame(best, each));
    left = left.filter((each) => !same.includes(each));
    // those that are about as large: a window may have seen a part of the face only
    faces.push(blended(same.filter((each) => Math.abs(Math.log(each.width / best.width)) < 0.3)));
  }
  return faces;
}

function isSame(a: Candidate, b: Candidate): boolean {
  const across = overlap([a.centre[0], a.width], [b.centre[0], b.width]);
  const down = overlap([a.centre[1], a.height], [b.centre[1], b.height]);
  const both = across * down;
  const [first, second] = [a.width * a.height, b.width * b.height];
  return both / (first + second - both) > UNION || both / Math.min(first, second) > INSIDE;
}

/** Length that two stretches share, each told by its centre and length. */
const overlap = ([a, length]: readonly [number, number], [b, other]: readonly [number, number]): number =>
  Math.max(0, Math.min(a + length / 2, b + other / 2) - Math.max(a - length / 2, b - other / 2));

/** The mean face, weighted by the scores; the best score. */
export function blended(same: readonly Candidate[]): Candidate {
  const total = same.reduce((sum, { score }) => sum + score, 0);
  const mean = (of: (each: Candidate) => number): number =>
    same.reduce((sum, each) => sum + of(each) * each.score, 0) / total;
  const point = (of: (each: Candidate) => Point): Point => [mean((each) => of(each)[0]), mean((each) => of(each)[1])];
  return {
    centre: point(({ centre }) => centre),
    width: mean(({ width }) => width),
    height: mean(({ height }) => height),
    score: same[0]!.score,
    eyes: [point(({ eyes }) => eyes[0]), point(({ eyes }) => eyes[1])],
  };
}
