/** Numbers as IEEE 754 half precision, rounded to the nearest, ties to even. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of each. */
export function float16Bits(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    float[0] = value;
    const all = bits[0]!;
    const sign = (all >>> 16) & 0x8000;
    const exponent = ((all >>> 23) & 0xff) - 112;
    const fraction = all & 0x7fffff;
    if (exponent === 143) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
    if (exponent >= 31) return sign | 0x7c00;
    if (exponent >= 1) return sign | rounded((exponent << 23) | fraction, 13);
    if (exponent < -10) return sign;
    // Below the least normal number the leading one is written out.
    return sign | rounded(fraction | 0x800000, 14 - exponent);
  });
}

/** Without so many low bits. */
function rounded(value: number, low: number): number {
  const half = 2 ** (low - 1);
  const rest = value % (2 * half);
  const kept = Math.floor(value / (2 * half));
  return kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0);
}
