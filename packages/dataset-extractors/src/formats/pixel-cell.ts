/**
 * A grey image written as text: `width * height` integers 0..255 with blanks between them, row by row. The cell of
 * FER2013, FER+ and CK+'s ckextended.csv.
 */

/**
 * The pixels of a cell, or a phrase that says what is wrong with it.
 *
 * @returns `[count]` uint8, row-major; or a string such as `"2303 values instead of 2304"`.
 */
export function parsePixelCell(cell: string, count: number): Uint8Array<ArrayBuffer> | string {
  const pixels = new Uint8Array(count);
  let found = 0;
  let value = -1;
  for (let at = 0; at <= cell.length; at++) {
    const code = at < cell.length ? cell.charCodeAt(at) : 32;
    if (code >= 48 && code <= 57) {
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return `a value above 255 (value ${found + 1})`;
    } else if (code === 32 || (code >= 9 && code <= 13)) {
      if (value < 0) continue;
      if (found < count) pixels[found] = value;
      found += 1;
      value = -1;
    } else return `"${cell[at]}" among the pixels (value ${found + 1})`;
  }
  return found === count ? pixels : `${found} values instead of ${count}`;
}
