/**
 * Splits a prediction into blocks of few different sizes, so that few graphs have to be compiled. Rows of a prediction
 * do not see each other: a last block may be padded.
 */

/** What an engine makes of a number of rows. */
export interface BlockSizes {
  /** Rows of the largest block: a power of two. */
  largest: number;
  /** Fewer rows than this are filled up to the next power of two; of more, the rest is left for the next block. */
  filled: number;
}

export interface PredictionBlock<T> {
  /** First row. */
  start: number;
  /** Rows of the block that count. */
  rows: number;
  /** Rows to compute: a power of two. */
  size: number;
  /** The rows, with zeros up to `size`. */
  inputs: T;
}

/** Blocks of `count` rows, one behind the other in `inputs`. */
export function* predictionBlocks<T extends Uint8Array | Float32Array>(
  { inputs, count }: { inputs: T; count: number },
  { largest, filled }: BlockSizes,
): Generator<PredictionBlock<T>> {
  const row = inputs.length / count;
  for (let start = 0; start < count;) {
    const left = count - start;
    const exponent = Math.log2(left);
    const size = Math.min(largest, 2 ** (left < filled ? Math.ceil(exponent) : Math.floor(exponent)));
    const rows = Math.min(size, left);
    yield { start, rows, size, inputs: padded(inputs.subarray(start * row, (start + rows) * row) as T, size * row) };
    start += size;
  }
}

function padded<T extends Uint8Array | Float32Array>(rows: T, length: number): T {
  if (rows.length === length) return rows;
  const whole = new (rows.constructor as new (length: number) => T)(length);
  whole.set(rows);
  return whole;
}
