/**
 * Numeric inner loops over pixels 0..255, in AssemblyScript: 128-bit SIMD does in one step what plain JavaScript does
 * in four to sixteen, and no index is checked. `node packages/core/scripts/build-pixels.mjs` compiles this file
 * into `src/inference/pixels-wasm.ts`; `src/inference/pixels.ts` is what calls it. All arguments are addresses in its memory.
 */

/** Sum of `n` pixels. */
function sum(pixels: usize, n: i32): i32 {
  let sums = i32x4.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const pairs = v128.extadd_pairwise<u8>(v128.load(pixels + i));
    sums = v128.add<i32>(sums, v128.extadd_pairwise<u16>(pairs));
  }
  let total =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  for (; i < n; i++) total += load<u8>(pixels + i);
  return total;
}

/** Sum of the squares of `n` pixels, exact. */
function sumOfSquares(pixels: usize, n: i32): f64 {
  let sums = i64x2.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const v = v128.load(pixels + i);
    const low = v128.extadd_pairwise<u16>(v128.extmul_low<u8>(v, v));
    const high = v128.extadd_pairwise<u16>(v128.extmul_high<u8>(v, v));
    const four = v128.add<i32>(low, high);
    sums = v128.add<i64>(sums, v128.add<i64>(v128.extend_low<u32>(four), v128.extend_high<u32>(four)));
  }
  let total = <f64>(i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1));
  for (; i < n; i++) total += <f64>load<u8>(pixels + i) * <f64>load<u8>(pixels + i);
  return total;
}

/** Sends each grey level g to `(g - mean) * factor + target + offset`, rounded half to even and kept within 0..255. */
function applyCurve(pixels: usize, n: i32, curve: usize, mean: f64, factor: f64, target: f64, offset: f64): void {
  let greys = f64x2(0, 1);
  for (let grey = 0; grey < 256; grey += 4) {
    const low = curvePoints(greys, mean, factor, target, offset);
    greys = v128.add<f64>(greys, f64x2.splat(2));
    const high = curvePoints(greys, mean, factor, target, offset);
    greys = v128.add<f64>(greys, f64x2.splat(2));
    const four = v128.narrow<i32>(i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), low);
    store<u32>(curve + grey, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(four, four), 0));
  }
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const eight = load<u64>(pixels + i);
    const low = <u32>eight;
    const high = <u32>(eight >> 32);
    store<u8>(pixels + i, load<u8>(curve + (low & 255)), 0);
    store<u8>(pixels + i, load<u8>(curve + ((low >> 8) & 255)), 1);
    store<u8>(pixels + i, load<u8>(curve + ((low >> 16) & 255)), 2);
    store<u8>(pixels + i, load<u8>(curve + (low >> 24)), 3);
    store<u8>(pixels + i, load<u8>(curve + (high & 255)), 4);
    store<u8>(pixels + i, load<u8>(curve + ((high >> 8) & 255)), 5);
    store<u8>(pixels + i, load<u8>(curve + ((high >> 16) & 255)), 6);
    store<u8>(pixels + i, load<u8>(curve + (high >> 24)), 7);
  }
  for (; i < n; i++) store<u8>(pixels + i, load<u8>(curve + load<u8>(pixels + i)));
}

/** Two points of a curve, as the two lower of four integers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function curvePoints(greys: v128, mean: f64, factor: f64, target: f64, offset: f64): v128 {
  const spread = v128.mul<f64>(v128.sub<f64>(greys, f64x2.splat(mean)), f64x2.splat(factor));
  const values = v128.add<f64>(v128.add<f64>(spread, f64x2.splat(target)), f64x2.splat(offset));
  return i32x4.trunc_sat_f64x2_s_zero(v128.nearest<f64>(values));
}

/** Gives `n` pixels a mean and a standard deviation; those of one grey level get the mean. `curve`: 256 bytes. */
export function standardize(pixels: usize, n: i32, curve: usize, mean: f64, deviation: f64): void {
  const found = <f64>sum(pixels, n) / <f64>n;
  const spread = sqrt(max<f64>(0, sumOfSquares(pixels, n) / <f64>n - found * found));
  applyCurve(pixels, n, curve, found, spread == 0 ? 0 : deviation / spread, mean, 0);
}

/** Multiplies the contrast about the mean by `factor` and adds `offset`. `curve`: 256 bytes. */
export function tone(pixels: usize, n: i32, curve: usize, factor: f64, offset: f64): void {
  const mean = <f64>sum(pixels, n) / <f64>n;
  applyCurve(pixels, n, curve, mean, factor, mean, offset);
}

/** `out = a * share + b * (1 - share)`, rounded. */
export function blend(a: usize, b: usize, out: usize, n: i32, share: f64): void {
  const first = f64x2.splat(share);
  const second = f64x2.splat(1.0 - share);
  const half = f64x2.splat(0.5);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.extend_low<u16>(v128.extend_low<u8>(v128.load32_zero(a + i)));
    const y = v128.extend_low<u16>(v128.extend_low<u8>(v128.load32_zero(b + i)));
    const low = i32x4.trunc_sat_f64x2_s_zero(
      v128.add<f64>(
        v128.add<f64>(
          v128.mul<f64>(f64x2.convert_low_i32x4_u(x), first),
          v128.mul<f64>(f64x2.convert_low_i32x4_u(y), second),
        ),
        half,
      ),
    );
    const upperX = i64x2.splat(i64x2.extract_lane(x, 1));
    const upperY = i64x2.splat(i64x2.extract_lane(y, 1));
    const high = i32x4.trunc_sat_f64x2_s_zero(
      v128.add<f64>(
        v128.add<f64>(
          v128.mul<f64>(f64x2.convert_low_i32x4_u(upperX), first),
          v128.mul<f64>(f64x2.convert_low_i32x4_u(upperY), second),
        ),
        half,
      ),
    );
    const packed = i8x16.shuffle(low, high, 0, 4, 16, 20, 0, 4, 16, 20, 0, 4, 16, 20, 0, 4, 16, 20);
    store<u32>(out + i, <u32>i32x4.extract_lane(packed, 0));
  }
  for (; i < n; i++) {
    store<u8>(out + i, <u8>(<f64>load<u8>(a + i) * share + <f64>load<u8>(b + i) * (1.0 - share) + 0.5));
  }
}

/** Surrounds a grey picture `[size, size]` with `edge` pixels that repeat its border. */
export function pad(source: usize, padded: usize, size: i32, edge: i32): void {
  const width = size + 2 * edge;
  for (let y = 0; y < size; y++) {
    const row = padded + (y + edge) * width;
    const from = source + y * size;
    memory.fill(row, load<u8>(from), edge);
    memory.copy(row + edge, from, size);
    memory.fill(row + edge + size, load<u8>(from + size - 1), edge);
  }
  for (let y = 0; y < edge; y++) {
    memory.copy(padded + y * width, padded + edge * width, width);
    memory.copy(padded + (edge + size + y) * width, padded + (edge + size - 1) * width, width);
  }
}

/**
 * One bilinear affine pass over a padded grey picture, in 16.16 fixed point: output (column, row) comes from
 * `x0 + column * ax + row * bx`, `y0 + column * dy + row * ey`. `x0` and `y0` count from the corner of the padding.
 */
export function warpPadded(
  padded: usize,
  out: usize,
  size: i32,
  width: i32,
  x0: i32,
  y0: i32,
  ax: i32,
  bx: i32,
  dy: i32,
  ey: i32,
): void {
  const columns = i32x4(0, 1, 2, 3);
  const stepX = i32x4.splat(ax * 4);
  const stepY = i32x4.splat(dy * 4);
  const line = i32x4.splat(width);
  const low8 = i32x4.splat(255);
  const one = i32x4.splat(256);
  const half = i32x4.splat(32768);
  const base = i32x4.splat(<i32>padded);
  const whole = size & ~3;
  let at = out;
  for (let row = 0; row < size; row++) {
    const startX = x0 + row * bx;
    const startY = y0 + row * ey;
    let px = v128.add<i32>(i32x4.splat(startX), v128.mul<i32>(columns, i32x4.splat(ax)));
    let py = v128.add<i32>(i32x4.splat(startY), v128.mul<i32>(columns, i32x4.splat(dy)));
    for (let column = 0; column < whole; column += 4) {
      const from = v128.add<i32>(
        base,
        v128.add<i32>(v128.mul<i32>(v128.shr<i32>(py, 16), line), v128.shr<i32>(px, 16)),
      );
      const a = <usize>i32x4.extract_lane(from, 0);
      const b = <usize>i32x4.extract_lane(from, 1);
      const c = <usize>i32x4.extract_lane(from, 2);
      const d = <usize>i32x4.extract_lane(from, 3);
      // pairs of neighbours, left and right
      let upper = v128.load32_zero(a);
      upper = v128.load16_lane(b, upper, 1);
      upper = v128.load16_lane(c, upper, 2);
      upper = v128.load16_lane(d, upper, 3);
      let lower = v128.load32_zero(a + width);
      lower = v128.load16_lane(b + width, lower, 1);
      lower = v128.load16_lane(c + width, lower, 2);
      lower = v128.load16_lane(d + width, lower, 3);
      const fx = v128.and(v128.shr<i32>(px, 8), low8);
      const fy = v128.and(v128.shr<i32>(py, 8), low8);
      const shares = v128.or(v128.sub<i32>(one, fx), v128.shl<i32>(fx, 16));
      const top = v128.dot<i16>(v128.extend_low<u8>(upper), shares);
      const bottom = v128.dot<i16>(v128.extend_low<u8>(lower), shares);
      const sum = v128.add<i32>(v128.shl<i32>(top, 8), v128.mul<i32>(v128.sub<i32>(bottom, top), fy));
      const value = v128.shr<u32>(v128.add<i32>(sum, half), 16);
      const packed = i8x16.shuffle(value, value, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
      store<u32>(at, <u32>i32x4.extract_lane(packed, 0));
      at += 4;
      px = v128.add<i32>(px, stepX);
      py = v128.add<i32>(py, stepY);
    }
    for (let column = whole; column < size; column++, at++) {
      const x = startX + column * ax;
      const y = startY + column * dy;
      const from = padded + (y >> 16) * width + (x >> 16);
      store<u8>(at, bilinear(from, from + width, 1, (x >> 8) & 255, (y >> 8) & 255));
    }
  }
}

/** The same over `[size, size, channels]` as it is: positions outside take the nearest edge pixel. */
export function warpAny(
  source: usize,
  out: usize,
  size: i32,
  channels: i32,
  x0: i32,
  y0: i32,
  ax: i32,
  bx: i32,
  dy: i32,
  ey: i32,
): void {
  const last = size - 1;
  const line = size * channels;
  let at = out;
  for (let row = 0; row < size; row++) {
    let px = x0 + row * bx;
    let py = y0 + row * ey;
    for (let column = 0; column < size; column++) {
      let x = px >> 16;
      let y = py >> 16;
      let fx = (px >> 8) & 255;
      let fy = (py >> 8) & 255;
      if (x < 0) {
        x = 0;
        fx = 0;
      } else if (x >= last) {
        x = last - 1;
        fx = 256;
      }
      if (y < 0) {
        y = 0;
        fy = 0;
      } else if (y >= last) {
        y = last - 1;
        fy = 256;
      }
      let from = source + y * line + x * channels;
      for (let channel = 0; channel < channels; channel++, from++, at++) {
        store<u8>(at, bilinear(from, from + line, channels, fx, fy));
      }
      px += ax;
      py += dy;
    }
  }
}

/** Between four neighbours; `fx` and `fy` in 1/256. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function bilinear(upper: usize, lower: usize, next: i32, fx: i32, fy: i32): i32 {
  const left = <i32>load<u8>(upper);
  const below = <i32>load<u8>(lower);
  const top = (left << 8) + (<i32>load<u8>(upper + next) - left) * fx;
  const bottom = (below << 8) + (<i32>load<u8>(lower + next) - below) * fx;
  return ((top << 8) + (bottom - top) * fy + 32768) >> 16;
}
