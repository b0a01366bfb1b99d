/**
 * Ridge classifier on raw pixels: one linear regression per class to targets of -1 and 1 with an L2 penalty (Hoerl
 * and Kennard 1970), the class with the largest output wins. It sees no more than grey values at places, so what a
 * network scores above it is what the network has learned.
 *
 * Solved in the smaller of its two forms: with more features than samples in the dual, `K = X X^T` `[n, n]`;
 * otherwise in the primal, `X^T X` `[d, d]`. Pixels are 0..255 and centred on the training mean.
 */
import { solveCholesky } from "./cholesky.js";
import { gram } from "./gram.js";

/** Pixels and class indices. */
export interface PixelRows {
  /** `[n, features]` row-major, 0..255. */
  pixels: Uint8Array | Float32Array;
  /** `[n]` class indices. */
  labels: ArrayLike<number>;
}

export interface RidgeOptions {
  classes: number;
  /** L2 penalty on pixels of 0..255. */
  penalty?: number;
  signal?: AbortSignal | undefined;
}

/** A standard deviation of 100 grey levels: strong enough for a few hundred faces, nothing for many thousands. */
const PENALTY = 1e4;

/** A fitted ridge classifier. */
export interface RidgeClassifier {
  /** @param pixels `[n, features]`, 0..255. @returns `[n]` class indices. */
  predict(pixels: Uint8Array | Float32Array): Int32Array;
}

/**
 * Fits the classifier.
 *
 * @example
 * ```ts
 * import { fitRidge } from "@fer/model";
 *
 * const ridge = await fitRidge({ pixels: new Uint8Array([0, 0, 255, 255]), labels: [0, 1] }, { classes: 2 });
 * console.log(ridge.predict(new Uint8Array([10, 20]))); // Int32Array(1) [ 0 ]
 * ```
 */
export async function fitRidge(train: PixelRows, options: RidgeOptions): Promise<RidgeClassifier> {
  const { classes, penalty = PENALTY, signal } = options;
  const n = train.labels.length;
  const d = train.pixels.length / n;
  const mean = columnMeans(train.pixels, n, d);
  const bias = new Float64Array(classes);
  for (let i = 0; i < n; i++) for (let c = 0; c < classes; c++) bias[c]! += target(train.labels[i]!, c) / n;

  const dual = n <= d;
  const size = dual ? n : d;
  const matrix = await gram(centred(train.pixels, mean, n, d, !dual), size, dual ? d : n, signal);
  for (let i = 0; i < size; i++) matrix[i * size + i]! += penalty;

  const solution = new Float64Array(size * classes);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < classes; c++) {
      const y = target(train.labels[i]!, c) - bias[c]!;
      if (dual) solution[i * classes + c] = y;
      else for (let j = 0; j < d; j++) solution[j * classes + c]! += (train.pixels[i * d + j]! - mean[j]!) * y;
    }
  }
  solveCholesky(matrix, solution, size, classes);
  const weights = dual ? fromDual(train.pixels, mean, solution, n, d, classes) : solution;
  return { predict: (pixels) => predictLinear(pixels, mean, weights, bias, d, classes) };
}

const target = (label: number, c: number): number => (label === c ? 1 : -1);

function columnMeans(pixels: ArrayLike<number>, n: number, d: number): Float64Array {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j]! += pixels[i * d + j]!;
  return mean.map((sum) => sum / n);
}

/** `[n, d]`, or `[d, n]` if transposed. */
function centred(
  pixels: ArrayLike<number>,
  mean: Float64Array,
  n: number,
  d: number,
  transposed: boolean,
): Float32Array {
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) x[transposed ? j * n + i : i * d + j] = pixels[i * d + j]! - mean[j]!;
  }
  return x;
}

/** Weights `[d, classes]` = `X^T` times the dual solution `[n, classes]`. */
function fromDual(
  pixels: ArrayLike<number>,
  mean: Float64Array,
  dual: Float64Array,
  n: number,
  d: number,
  classes: number,
): Float64Array {
  const weights = new Float64Array(d * classes);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const x = pixels[i * d + j]! - mean[j]!;
      for (let c = 0; c < classes; c++) weights[j * classes + c]! += x * dual[i * classes + c]!;
    }
  }
  return weights;
}

function predictLinear(
  pixels: ArrayLike<number>,
  mean: Float64Array,
  weights: Float64Array,
  bias: Float64Array,
  d: number,
  classes: number,
): Int32Array {
  const n = pixels.length / d;
  const best = new Int32Array(n);
  const score = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    score.set(bias);
    for (let j = 0; j < d; j++) {
      const x = pixels[i * d + j]! - mean[j]!;
      for (let c = 0; c < classes; c++) score[c]! += x * weights[j * classes + c]!;
    }
    for (let c = 1; c < classes; c++) if (score[c]! > score[best[i]!]!) best[i] = c;
  }
  return best;
}
