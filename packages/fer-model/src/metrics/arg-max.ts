/** Index of the largest value in each row; the first of equal ones. */

/** @param values `[n, classes]` row-major. @returns `[n]` class indices. */
export function argMaxRows(values: Float32Array, classes: number): Int32Array {
  const rows = values.length / classes;
  const best = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let at = 0;
    for (let j = 1; j < classes; j++) {
      if (values[row * classes + j]! > values[row * classes + at]!) at = j;
    }
    best[row] = at;
  }
  return best;
}
