/**
 * Whether two small pictures show the same photo, told by their pixels: the one is laid on the other by shift and scale
 * (Lucas and Kanade 1981, forward compositional: Baker and Matthews 2004), and then their gradients are correlated.
 * Brightness and contrast do not matter, nor does a mirror, where the start says so.
 */
import { SIDE } from "./sketch.js";

/**
 * How the pixels of the one lie on the other, from the centre: `x' = scaleX * x + shiftX`, in pixels of the small
 * picture. A negative scale mirrors.
 */
export interface Placement {
  scaleX: number;
  shiftX: number;
  scaleY: number;
  shiftY: number;
}

/** Gradients that agree better than this are those of one photo; fixed on one half of FER2013 (`bench/twins.mjs`). */
export const SAME_PHOTO = 0.88;

/** Steps on a quarter of the pixels, and on all of them. */
const ROUGH_STEPS = 3;
const FINE_STEPS = 5;
/** Agreement of the grey levels below which it is given up, at the start and after the rough steps: one photo has 0.87 at last. */
const HOPELESS = [0.6, 0.75] as const;
/** Likeness below which it is given up after the rough steps: nine of ten other faces have less. */
const ROUGH_LIKENESS = 0.6;
/** A step that moves no pixel by more than this is the last. */
const STILL = 0.01;
/** Share of the picture that must lie on the other one. */
const OVERLAP = 0.6;
const CENTRE = (SIDE - 1) / 2;
const PIXELS = SIDE * SIDE;

/**
 * Correlation of the gradients of `of` and `on`, -1..1, at the place where they agree best; 0 where there is none.
 *
 * @param of small picture, `[SIDE, SIDE]`
 * @param on another one, which is shifted and scaled
 */
export function likeness(of: ArrayLike<number>, { on, start }: { on: ArrayLike<number>; start: Placement }): number {
  const place = { ...start };
  for (let step = 0; step < ROUGH_STEPS + FINE_STEPS; step++) {
    const isRough = step < ROUGH_STEPS;
    if (lay(on, place) < OVERLAP * PIXELS) return 0;
    if (step === 0 && agreement(of) < HOPELESS[0]) return 0;
    if (step === ROUGH_STEPS && (agreement(of) < HOPELESS[1] || gradientAgreement(of) < ROUGH_LIKENESS)) return 0;
    const moved = refine(of, { place, every: isRough ? 2 : 1 });
    if (moved === null) return 0;
    if (!isRough && moved < STILL) break;
  }
  if (lay(on, place) < OVERLAP * PIXELS) return 0;
  return gradientAgreement(of);
}

/** The other picture as it lies on the first, and 1 where it does. */
const laid = new Float64Array(PIXELS);
const mask = new Uint8Array(PIXELS);
const columns = new Int32Array(SIDE);
const fractions = new Float64Array(SIDE);
const insideColumn = new Uint8Array(SIDE);

/** Fills {@link laid} and {@link mask}; returns the number of pixels that lie inside. */
function lay(on: ArrayLike<number>, { scaleX, shiftX, scaleY, shiftY }: Placement): number {
  let across = 0;
  for (let x = 0; x < SIDE; x++) {
    const at = scaleX * (x - CENTRE) + shiftX + CENTRE;
    const isInside = at >= -0.5 && at <= SIDE - 0.5;
    insideColumn[x] = isInside ? 1 : 0;
    if (isInside) across += 1;
    const clipped = Math.min(Math.max(at, 0), SIDE - 1);
    columns[x] = Math.min(Math.floor(clipped), SIDE - 2);
    fractions[x] = clipped - columns[x]!;
  }
  let inside = 0;
  for (let y = 0; y < SIDE; y++) {
    const at = scaleY * (y - CENTRE) + shiftY + CENTRE;
    const row = y * SIDE;
    if (at < -0.5 || at > SIDE - 0.5) {
      mask.fill(0, row, row + SIDE);
      laid.fill(0, row, row + SIDE);
      continue;
    }
    inside += across;
    const clipped = Math.min(Math.max(at, 0), SIDE - 1);
    const upper = Math.min(Math.floor(clipped), SIDE - 2);
    const fy = clipped - upper;
    for (let x = 0; x < SIDE; x++) {
      const i = upper * SIDE + columns[x]!;
      const fx = fractions[x]!;
      const above = on[i]! + fx * (on[i + 1]! - on[i]!);
      const below = on[i + SIDE]! + fx * (on[i + SIDE + 1]! - on[i + SIDE]!);
      laid[row + x] = above + fy * (below - above);
      mask[row + x] = insideColumn[x]!;
    }
  }
  return inside;
}

/** Correlation of the grey levels where they lie on each other, of a quarter of the pixels. */
function agreement(of: ArrayLike<number>): number {
  let [count, sumOf, sumOn, squaresOf, squaresOn, products] = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < SIDE; y += 2) {
    for (let i = y * SIDE; i < (y + 1) * SIDE; i += 2) {
      if (mask[i] === 0) continue;
      const a = of[i]!;
      const b = laid[i]!;
      count += 1;
      sumOf += a;
      sumOn += b;
      squaresOf += a * a;
      squaresOn += b * b;
      products += a * b;
    }
  }
  const spread = (squaresOf - (sumOf * sumOf) / count) * (squaresOn - (sumOn * sumOn) / count);
  return spread > 0 ? (products - (sumOf * sumOn) / count) / Math.sqrt(spread) : 0;
}

/** Keeps a step from running away where a picture has little texture in a direction; a share of its variance. */
const DAMPING = 1e-4;
const hessian = new Float64Array(16);
const gradient = new Float64Array(4);
const sums = new Float64Array(4);
const jacobian = new Float64Array(4 * PIXELS);
const used = new Uint16Array(PIXELS);

/**
 * A Gauss-Newton step of the placement, on every pixel or every other of every other row; returns how far it moves the
 * rim in pixels, or `null` where it cannot.
 */
function refine(of: ArrayLike<number>, { place, every }: { place: Placement; every: number }): number | null {
  let [count, sumOf, sumOn, squaresOf, squaresOn] = [0, 0, 0, 0, 0];
  sums.fill(0);
  for (let y = 1; y < SIDE - 1; y += every) {
    for (let x = 1; x < SIDE - 1; x += every) {
      const i = y * SIDE + x;
      if (mask[i - 1]! + mask[i + 1]! + mask[i - SIDE]! + mask[i + SIDE]! < 4) continue;
      const gx = (laid[i + 1]! - laid[i - 1]!) / 2;
      const gy = (laid[i + SIDE]! - laid[i - SIDE]!) / 2;
      const a = of[i]!;
      const b = laid[i]!;
      const at = 4 * count;
      jacobian[at] = gx * (x - CENTRE);
      jacobian[at + 1] = gx;
      jacobian[at + 2] = gy * (y - CENTRE);
      jacobian[at + 3] = gy;
      sums[0]! += jacobian[at]!;
      sums[1]! += gx;
      sums[2]! += jacobian[at + 2]!;
      sums[3]! += gy;
      used[count] = i;
      count += 1;
      sumOf += a;
      sumOn += b;
      squaresOf += a * a;
      squaresOn += b * b;
    }
  }
  const [meanOf, meanOn] = [sumOf / count, sumOn / count];
  const [varianceOf, varianceOn] = [squaresOf / count - meanOf * meanOf, squaresOn / count - meanOn * meanOn];
  if (!(varianceOf > 0 && varianceOn > 0)) return null;
  const gain = Math.sqrt(varianceOn / varianceOf);
  let [h00, h01, h02, h03, h11, h12, h13, h22, h23, h33] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  let [g0, g1, g2, g3] = [0, 0, 0, 0];
  for (let k = 0; k < count; k++) {
    const i = used[k]!;
    const error = (of[i]! - meanOf) * gain - (laid[i]! - meanOn);
    // grey levels may all be brighter by the same: what a step changes of their mean does not count
    const j0 = jacobian[4 * k]! - sums[0]! / count;
    const j1 = jacobian[4 * k + 1]! - sums[1]! / count;
    const j2 = jacobian[4 * k + 2]! - sums[2]! / count;
    const j3 = jacobian[4 * k + 3]! - sums[3]! / count;
    g0 += j0 * error;
    g1 += j1 * error;
    g2 += j2 * error;
    g3 += j3 * error;
    h00 += j0 * j0;
    h01 += j0 * j1;
    h02 += j0 * j2;
    h03 += j0 * j3;
    h11 += j1 * j1;
    h12 += j1 * j2;
    h13 += j1 * j3;
    h22 += j2 * j2;
    h23 += j2 * j3;
    h33 += j3 * j3;
  }
  const damping = DAMPING * count * varianceOn;
  const rim = damping * CENTRE * CENTRE;
  // the lower triangle
  hessian.set([h00 + rim, 0, 0, 0, h01, h11 + damping, 0, 0, h02, h12, h22 + rim, 0, h03, h13, h23, h33 + damping]);
  gradient.set([g0, g1, g2, g3]);
  if (!solve()) return null;
  const [growX, moveX, growY, moveY] = gradient as unknown as [number, number, number, number];
  place.shiftX += place.scaleX * moveX;
  place.scaleX *= 1 + growX;
  place.shiftY += place.scaleY * moveY;
  place.scaleY *= 1 + growY;
  return Math.max(Math.abs(growX) * CENTRE + Math.abs(moveX), Math.abs(growY) * CENTRE + Math.abs(moveY));
}

/** Solves `hessian * x = gradient` in place (Cholesky); false where the matrix is not positive. */
function solve(): boolean {
  for (let k = 0; k < 4; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = hessian[4 * k + l]!;
      for (let m = 0; m < l; m++) sum -= hessian[4 * k + m]! * hessian[4 * l + m]!;
      if (k === l) {
        if (!(sum > 0)) return false;
        hessian[5 * k] = Math.sqrt(sum);
      } else hessian[4 * k + l] = sum / hessian[5 * l]!;
    }
  }
  for (let k = 0; k < 4; k++) {
    let sum = gradient[k]!;
    for (let m = 0; m < k; m++) sum -= hessian[4 * k + m]! * gradient[m]!;
    gradient[k] = sum / hessian[5 * k]!;
  }
  for (let k = 3; k >= 0; k--) {
    let sum = gradient[k]!;
    for (let m = k + 1; m < 4; m++) sum -= hessian[4 * m + k]! * gradient[m]!;
    gradient[k] = sum / hessian[5 * k]!;
  }
  return true;
}

/** Correlation of the gradients (of both directions together) where both pictures are. */
function gradientAgreement(of: ArrayLike<number>): number {
  let [products, squaresOf, squaresOn] = [0, 0, 0];
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const i = y * SIDE + x;
      if (mask[i]! + mask[i - 1]! + mask[i + 1]! + mask[i - SIDE]! + mask[i + SIDE]! < 5) continue;
      const [ax, ay] = [of[i + 1]! - of[i - 1]!, of[i + SIDE]! - of[i - SIDE]!];
      const [bx, by] = [laid[i + 1]! - laid[i - 1]!, laid[i + SIDE]! - laid[i - SIDE]!];
      products += ax * bx + ay * by;
      squaresOf += ax * ax + ay * ay;
      squaresOn += bx * bx + by * by;
    }
  }
  return squaresOf === 0 || squaresOn === 0 ? 0 : products / Math.sqrt(squaresOf * squaresOn);
}
