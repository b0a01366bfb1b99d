/** Where the network looks: squares of a picture, the whole of it first, then smaller ones that overlap. */
import type { Size } from "@fer/core/pixels";
import type { Point } from "../face-detector.js";

/** A square that is looked at, perhaps turned. */
export interface Window {
  centre: Point;
  side: number;
  /** Radians, clockwise (y is down): how far what is seen is turned in the picture. */
  turn: number;
  /** Whether it was laid around a face that was found before. */
  isAround?: boolean;
}

/** The side of each window is the one before by at most about this: what is too small to be found there is found here. */
const SMALLER = 3;
/** Part of a window that lies in the next one too: a face up to this part of it is whole in one of them. */
const SHARED = 0.3;
/** Part of a window that a face must have to be found. */
const LEAST_PART = 0.1;

/** All windows for faces down to `smallest` pixels across. */
export function windowsOf({ width, height }: Size, smallest: number): Window[] {
  const whole = Math.max(width, height);
  const least = smallest / LEAST_PART;
  const levels = Math.max(0, Math.ceil(Math.log(whole / least) / Math.log(SMALLER) - 0.2));
  return Array.from({ length: levels + 1 }, (_, level) => {
    const side = level === 0 ? whole : whole * (least / whole) ** (level / levels);
    const rows = places(height, side);
    return rows.flatMap((y) => places(width, side).map((x): Window => ({ centre: [x, y], side, turn: 0 })));
  }).flat();
}

/** Centres of stretches of a length that cover a longer one. */
function places(length: number, side: number): number[] {
  if (side >= length) return [length / 2];
  const count = 1 + Math.ceil((length - side) / (side * (1 - SHARED)));
  return Array.from({ length: count }, (_, i) => side / 2 + (i * (length - side)) / (count - 1));
}
