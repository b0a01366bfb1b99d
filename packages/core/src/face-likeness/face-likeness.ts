/**
 * Whether a grey picture looks like a face that was cut out: a guard for models that name an expression on anything. Three
 * things are looked at, from the surest to the least sure:
 *
 *     blank    hardly any contrast: half of the pixels within a few grey levels
 *     noise    neighbouring pixels hardly agree; photos of anything agree to 0.8 and more
 *     network  a network of one hidden layer, learnt on FER2013's training faces against crops of photos, noise, patterns
 *              and faces upside down (scripts/face-likeness.py)
 *
 * It does not find faces, and lets most pictures of other things pass. Measured on pictures that it was not made of: of
 * FER2013's public test 0.7 % are doubted, of CK+ 0.3 %; of blank pictures and white noise all; of crops of landscapes and
 * buildings 32 %, of animals 26 %, of objects, text and textures 20 to 70 %.
 */
import { HIDDEN_BIASES, HIDDEN_WEIGHTS, OUTPUT_BIAS, OUTPUT_WEIGHTS, THRESHOLD } from "./weights.js";

/** A picture as a model sees it: `[size, size]` row-major grey levels 0..255, or `[size, size, 3]` of RGB. */
export interface FaceSquare {
  data: ArrayLike<number>;
  size: number;
  /** Default 1. */
  channels?: 1 | 3;
}

type GreySquare = Pick<FaceSquare, "data" | "size">;

export interface FaceLikeness {
  looksLikeFace: boolean;
  /** What speaks against a face; `null` where nothing does. */
  reason: "blank" | "noise" | "no-face" | null;
  /** The same in words. */
  explanation: string | null;
  /** Standard deviation of the grey levels. */
  contrast: number;
  /** Correlation of neighbouring pixels, -1..1; 0 in white noise. */
  smoothness: number;
  /** Score of the network; above 0 where it is rather a face, doubted below {@link THRESHOLD}. */
  score: number;
}

/** Standard deviation below which a picture is blank: 3 of 10,000 pictures of FER2013 have less, and show nothing. */
const BLANK = 5;
/** Agreement of neighbouring pixels below which a picture is noise: 2 of 10,000 pictures of FER2013 have less. */
const NOISE = 0.62;
/** Side of the grid that the network looks at. */
const CELLS = 16;

const EXPLANATIONS = {
  blank: "the picture is blank",
  noise: "the picture is noise",
  "no-face": "the picture does not look like a face that was cut out",
} as const;

/**
 * Judges a picture of any size; 48 x 48 is what it was made for.
 *
 * @example
 * ```ts
 * import { faceLikeness } from "@fer/core";
 *
 * console.log(faceLikeness({ data: new Uint8Array(48 * 48), size: 48 }).reason); // blank
 * ```
 */
export function faceLikeness({ data: pixels, size, channels = 1 }: FaceSquare): FaceLikeness {
  const data = channels === 3 ? lumaOf(pixels) : pixels;
  const cells = averages({ data, size });
  const { mean, deviation } = moments(data);
  const smoothness = neighbours({ data, size }, mean);
  const score = networkScore(cells);
  const reason = deviation < BLANK ? "blank" : smoothness < NOISE ? "noise" : score < THRESHOLD ? "no-face" : null;
  return {
    looksLikeFace: reason === null,
    reason,
    explanation: reason === null ? null : EXPLANATIONS[reason],
    contrast: deviation,
    smoothness,
    score,
  };
}

/** ITU-R BT.601. */
const lumaOf = (rgb: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: rgb.length / 3 }, (_, i) => {
    const at = 3 * i;
    return 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
  });

function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    squares += values[i]! ** 2;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / values.length - mean ** 2)) };
}

/** Correlation of each pixel with its right and lower neighbours. */
function neighbours({ data, size }: GreySquare, mean: number): number {
  let [products, squares] = [0, 0];
  for (let y = 0; y + 1 < size; y++) {
    for (let x = 0; x + 1 < size; x++) {
      const i = y * size + x;
      const here = data[i]! - mean;
      const [right, below] = [data[i + 1]! - mean, data[i + size]! - mean];
      products += here * (right + below);
      squares += here * here + (right * right + below * below) / 2;
    }
  }
  return squares === 0 ? 1 : products / squares;
}

/** Means of a grid of cells, each pixel in the cell that its centre lies in. */
function averages({ data, size }: GreySquare): Float64Array {
  const sums = new Float64Array(CELLS * CELLS);
  const counts = new Float64Array(CELLS * CELLS);
  const steps = Math.max(size, CELLS);
  for (let y = 0; y < steps; y++) {
    for (let x = 0; x < steps; x++) {
      const pixel = Math.floor((y * size) / steps) * size + Math.floor((x * size) / steps);
      const cell = Math.floor((y * CELLS) / steps) * CELLS + Math.floor((x * CELLS) / steps);
      sums[cell]! += data[pixel]!;
      counts[cell]! += 1;
    }
  }
  return sums.map((sum, i) => sum / counts[i]!);
}

const decoded = (part: { scale: number; bytes: string }): Float64Array =>
  Float64Array.from(
    Int8Array.from(atob(part.bytes), (c) => c.charCodeAt(0)),
    (value) => value * part.scale,
  );

let network: { hidden: Float64Array; biases: Float64Array; output: Float64Array; bias: number } | undefined;

function networkScore(cells: Float64Array): number {
  network ??= {
    hidden: decoded(HIDDEN_WEIGHTS),
    biases: decoded(HIDDEN_BIASES),
    output: decoded(OUTPUT_WEIGHTS),
    bias: decoded(OUTPUT_BIAS)[0]!,
  };
  const { hidden, biases, output, bias } = network;
  const { mean, deviation } = moments(cells);
  const spread = Math.max(deviation, 1e-6);
  const units = Float64Array.from(biases);
  for (let i = 0; i < cells.length; i++) {
    const value = (cells[i]! - mean) / spread;
    for (let unit = 0; unit < units.length; unit++) units[unit]! += value * hidden[i * units.length + unit]!;
  }
  let score = bias;
  for (let unit = 0; unit < units.length; unit++) score += Math.tanh(units[unit]!) * output[unit]!;
  return score;
}
