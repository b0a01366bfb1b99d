/** Grey levels `[height, width]`, row-major, 0..255. */
export interface GreyPixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A number of cells across and down. */
export interface Cells {
  columns: number;
  rows: number;
}

/**
 * Sum of the grey levels under each cell of a grid laid over the picture, `[rows, columns]`; pixels on a border count by
 * the part that lies inside. Each cell covers `width * height / (columns * rows)` pixels.
 */
export function areaSums({ width, height, data }: GreyPixels, { columns, rows }: Cells): Float64Array {
  const lines = new Float64Array(height * columns);
  const across = spans(width, columns);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < columns; c++) {
      const { from, to, first, last } = across[c]!;
      let sum = data[y * width + from]! * first;
      for (let x = from + 1; x < to; x++) sum += data[y * width + x]!;
      if (to > from) sum += data[y * width + to]! * last;
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

/** Mean grey level under each cell, rounded. */
export function areaMeans(picture: GreyPixels, cells: Cells): Uint8Array {
  const pixels = (picture.width * picture.height) / (cells.columns * cells.rows);
  return Uint8Array.from(areaSums(picture, cells), (sum) => Math.round(sum / pixels));
}

interface Span {
  from: number;
  to: number;
  /** How much of the first and of the last pixel lies inside. */
  first: number;
  last: number;
}

const known = new Map<string, readonly Span[]>();

/** For each cell the pixels `from..to` it covers. */
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
