/**
 * Splits a prediction into blocks of few different sizes, so that few graphs have to be compiled. Rows of a prediction
 * do not see each other: a last block may be padded.
 */
const LARGEST = 256;

export interface PredictionBlock {
  /** First row. */
  start: number;
  /** Rows of the block that count. */
  rows: number;
  /** Rows to compute: a power of two, at most 256. */
  size: number;
}

export function predictionBlocks(count: number): PredictionBlock[] {
  const blocks: PredictionBlock[] = [];
  for (let start = 0; start < count; start += LARGEST) {
    const rows = Math.min(LARGEST, count - start);
    blocks.push({ start, rows, size: 2 ** Math.ceil(Math.log2(rows)) });
  }
  return blocks;
}

/** The rows, with zeros up to `length`. */
export function padRows<T extends Uint8Array | Float32Array>(rows: T, length: number): T {
  if (rows.length === length) return rows;
  const whole = new (rows.constructor as new (length: number) => T)(length);
  whole.set(rows);
  return whole;
}
