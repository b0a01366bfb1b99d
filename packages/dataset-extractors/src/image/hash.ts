/** Hashes that tell the same picture (exactly) and nearly the same picture, on 8-bit grey pixels. */
import { hash } from "node:crypto";

/**
 * sha256 (hex) of width and height (each 32-bit little-endian) and the grey pixels `[height, width]`, before any
 * resize. Two files of one picture in different lossless formats have the same hash.
 */
export function pixelHash(grey: Uint8Array, width: number, height: number): string {
  const all = Buffer.allocUnsafe(8 + grey.length);
  all.writeUInt32LE(width, 0);
  all.writeUInt32LE(height, 4);
  all.set(grey, 8);
  return hash("sha256", all, "hex");
}

/**
 * 64-bit difference hash as 16 hex digits: the picture is averaged down to 9 x 8, and each bit says whether a cell is
 * brighter than its right neighbour (row by row, most significant first). Near duplicates differ in few bits.
 */
export function dhash(grey: Uint8Array, width: number, height: number): string {
  const cells = average(grey, width, height, 9, 8);
  let hex = "";
  for (let row = 0; row < 8; row++) {
    let byte = 0;
    for (let column = 0; column < 8; column++) {
      byte = (byte << 1) | (cells[row * 9 + column]! > cells[row * 9 + column + 1]! ? 1 : 0);
    }
    hex += byte.toString(16).padStart(2, "0");
  }
  return hex;
}

/** Bits in which two difference hashes differ, 0..64. */
export function hammingDistance(a: string, b: string): number {
  let difference = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let bits = 0;
  for (; difference !== 0n; difference >>= 1n) bits += Number(difference & 1n);
  return bits;
}

/** Area average onto `columns x rows` cells; pixels on a border count by the part that lies inside. */
function average(grey: Uint8Array, width: number, height: number, columns: number, rows: number): Float64Array {
  const lines = new Float64Array(height * columns);
  const across = spans(width, columns);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < columns; c++) {
      const { from, to, first, last } = across[c]!;
      let sum = grey[y * width + from]! * first;
      for (let x = from + 1; x < to; x++) sum += grey[y * width + x]!;
      if (to > from) sum += grey[y * width + to]! * last;
      lines[y * columns + c] = sum;
    }
  }
  const cells = new Float64Array(columns * rows);
  const down = spans(height, rows);
  for (let r = 0; r < rows; r++) {
    const { from, to, first, last } = down[r]!;
    for (let c = 0; c < columns; c++) {
      let sum = lines[from * columns + c]! * first;
      for (let y = from + 1; y < to; y++) sum += lines[y * columns + c]!;
      if (to > from) sum += lines[to * columns + c]! * last;
      cells[r * columns + c] = sum;
    }
  }
  return cells;
}

type Span = { from: number; to: number; first: number; last: number };

const known = new Map<string, readonly Span[]>();

/** For each cell the pixels `from..to` it covers, and how much of the first and the last lies inside. */
function spans(size: number, cells: number): readonly Span[] {
  const key = `${size}/${cells}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size > 1000) known.clear();
  const made = Array.from({ length: cells }, (_, i) => {
    // multiples of 1 / cells: whole numbers stay exact
    const start = i * size;
    const end = start + size;
    const from = Math.floor(start / cells);
    const to = Math.min(Math.ceil(end / cells) - 1, size - 1);
    const first = (Math.min((from + 1) * cells, end) - start) / cells;
    const last = (end - to * cells) / cells;
    return { from, to, first, last };
  });
  known.set(key, made);
  return made;
}
