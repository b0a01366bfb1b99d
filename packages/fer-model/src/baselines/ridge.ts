/**
 * Ridge classifier on raw pixels: one linear regression per class to targets of -1 and 1 with an L2 penalty (Hoerl
 * and Kennard 1970), the class with the largest output wins. It sees no more than grey values at places, so what a
 * network scores above it is what the network has learned.
 *
 * Solved in the smaller of its two forms: with more features than samples in the dual, `K = X X^T` `[n, n]`;
 * otherwise in the primal, `X^T X` `[d, d]`. Pixels are 0..255 and centred on the training mean.
 */
import { turns } from "../turns.js";
import { gram, solveSymmetric, type Turn } from "./linear-algebra.js";

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
 * Fits the classifier. Others have their turn meanwhile, since many samples of many features take a while.
 *
 * @example
 * ```ts
 * import { fitRidge } from "@fer/model";
 *
 * const ridge = await fitRidge({ pixels: new Uint8Array([0, 0, 255, 255]), labels: [0, 1] }, { classes: 2 });
 * console.log(ridge.predict(new Uint8Array([10, 20]))); // Int32Array(1) [ 0 ]
 * ```
 */
export async function fitRidge({ pixels, labels }: PixelRows, options: RidgeOptions): Promise<RidgeClassifier> {
  const { classes, penalty = PENALTY, signal } = options;
  const n = labels.length;
  const train = { pixels, n, d: pixels.length / n, turn: turns(signal) };
  const { mean, bias } = await means(train, { labels, classes });
  const model = { ...train, mean, classes };

  const isDual = n <= train.d;
  const size = isDual ? n : train.d;
  const matrix = await gram(await centred(model, isDual), { n: size, turn: train.turn });
  for (let i = 0; i < size; i++) matrix[i * size + i]! += penalty;

  const residual = Float64Array.from({ length: n * classes }, (_, at) => {
    const [i, c] = [Math.floor(at / classes), at % classes];
    return target(labels[i]!, c) - bias[c]!;
  });
  const solution = isDual ? residual : await transposedProduct(model, residual);
  await solveSymmetric(matrix, { b: solution, n: size, turn: train.turn });
  const weights = isDual ? await transposedProduct(model, solution) : solution;
  return { predict: (unseen) => predictLinear(unseen, { ...model, weights, bias }) };
}

/** Training pixels `[n, d]`. */
interface Pixels {
  pixels: ArrayLike<number>;
  n: number;
  d: number;
  turn: Turn;
}

interface Centred extends Pixels {
  /** `[d]`. */
  mean: Float64Array;
  classes: number;
}

const target = (label: number, c: number): number => (label === c ? 1 : -1);

/** Mean of each pixel, and of the targets of each class. */
async function means(
  { pixels, n, d, turn }: Pixels,
  { labels, classes }: { labels: ArrayLike<number>; classes: number },
) {
  const mean = new Float64Array(d);
  const bias = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    await turn();
    for (let j = 0; j < d; j++) mean[j]! += pixels[i * d + j]!;
    for (let c = 0; c < classes; c++) bias[c]! += target(labels[i]!, c) / n;
  }
  return { mean: mean.map((sum) => sum / n), bias };
}

/** Centred pixels by sample, `[n, d]`, or by pixel, `[d, n]`. */
async function centred({ pixels, mean, n, d, turn }: Centred, bySample: boolean): Promise<Float32Array> {
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    await turn();
    for (let j = 0; j < d; j++) x[bySample ? i * d + j : j * n + i] = pixels[i * d + j]! - mean[j]!;
  }
  return x;
}

/** `X^T` times a matrix `[n, classes]`: `[d, classes]`. */
async function transposedProduct(
  { pixels, mean, n, d, turn, classes }: Centred,
  by: Float64Array,
): Promise<Float64Array> {
  const out = new Float64Array(d * classes);
  for (let i = 0; i < n; i++) {
    await turn();
    for (let j = 0; j < d; j++) {
      const x = pixels[i * d + j]! - mean[j]!;
      for (let c = 0; c < classes; c++) out[j * classes + c]! += x * by[i * classes + c]!;
    }
  }
  return out;
}

interface Linear {
  mean: Float64Array;
  /** `[d, classes]`. */
  weights: Float64Array;
  bias: Float64Array;
}

function predictLinear(pixels: ArrayLike<number>, { mean, weights, bias }: Linear): Int32Array {
  const [d, classes] = [mean.length, bias.length];
  const best = new Int32Array(pixels.length / d);
  const score = new Float64Array(classes);
  for (let i = 0; i < best.length; i++) {
    score.set(bias);
    for (let j = 0; j < d; j++) {
      const x = pixels[i * d + j]! - mean[j]!;
      for (let c = 0; c < classes; c++) score[c]! += x * weights[j * classes + c]!;
    }
    for (let c = 1; c < classes; c++) if (score[c]! > score[best[i]!]!) best[i] = c;
  }
  return best;
}
