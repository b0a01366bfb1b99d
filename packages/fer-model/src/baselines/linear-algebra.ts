/**
 * The two products that ridge regression needs, in plain loops. `CholeskyDecomposition` and `mmul` of ml-matrix were
 * tried in their place: the same predictions, several times slower, and in one piece that holds the thread and hears no
 * signal. Here others have their turn every few milliseconds.
 */

/** Awaited between pieces of work; throws where the work is to stop. */
export type Turn = () => Promise<void>;

/**
 * `rows * rows^T`, symmetric `[n, n]`, in 4 x 4 register blocks: sixteen products for eight loads, several times the
 * speed of the naive loop in V8.
 *
 * @param rows `[n, length]` row-major.
 */
export async function gram(rows: Float32Array, { n, turn }: { n: number; turn: Turn }): Promise<Float64Array> {
  const length = rows.length / n;
  // Padding to whole blocks keeps bounds checks out of the inner loop.
  const padded = Math.ceil(n / 4) * 4;
  const x = padded === n ? rows : new Float32Array(padded * length);
  if (x !== rows) x.set(rows);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      await turn();
      const sums = products(x, length, i, j);
      for (let r = 0; r < 4 && i + r < n; r++) {
        for (let c = 0; c < 4 && j + c < n; c++) out[(i + r) * n + j + c] = sums[r * 4 + c]!;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    await turn();
    for (let j = i + 1; j < n; j++) out[i * n + j] = out[j * n + i]!;
  }
  return out;
}

/** Products of four rows from `i` with four rows from `j`, `[4, 4]`. */
// oxlint-disable-next-line max-params -- numeric inner loop
function products(x: Float32Array, length: number, i: number, j: number): number[] {
  const [a0, b0] = [i * length, j * length];
  const [a1, b1] = [a0 + length, b0 + length];
  const [a2, b2] = [a1 + length, b1 + length];
  const [a3, b3] = [a2 + length, b2 + length];
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < length; k++) {
    const p0 = x[a0 + k]!;
    const p1 = x[a1 + k]!;
    const p2 = x[a2 + k]!;
    const p3 = x[a3 + k]!;
    const q0 = x[b0 + k]!;
    const q1 = x[b1 + k]!;
    const q2 = x[b2 + k]!;
    const q3 = x[b3 + k]!;
    s00 += p0 * q0;
    s01 += p0 * q1;
    s02 += p0 * q2;
    s03 += p0 * q3;
    s10 += p1 * q0;
    s11 += p1 * q1;
    s12 += p1 * q2;
    s13 += p1 * q3;
    s20 += p2 * q0;
    s21 += p2 * q1;
    s22 += p2 * q2;
    s23 += p2 * q3;
    s30 += p3 * q0;
    s31 += p3 * q1;
    s32 += p3 * q2;
    s33 += p3 * q3;
  }
  return [s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33];
}

/**
 * Solves `a x = b` by Cholesky factorisation.
 *
 * @param a `[n, n]` row-major, symmetric, positive definite; its lower triangle is overwritten by the factor.
 * @param b `[n, columns]` row-major; overwritten by the solution.
 */
export async function solveSymmetric(
  a: Float64Array,
  { b, n, turn }: { b: Float64Array; n: number; turn: Turn },
): Promise<void> {
  for (let i = 0; i < n; i++) {
    await turn();
    for (let j = 0; j <= i; j++) {
      const rest = a[i * n + j]! - dot(a, i * n, j * n, j);
      a[i * n + j] = i === j ? Math.sqrt(rest) : rest / a[j * n + j]!;
    }
  }
  const columns = b.length / n;
  for (let c = 0; c < columns; c++) {
    await turn();
    for (let i = 0; i < n; i++) {
      let sum = b[i * columns + c]!;
      for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k * columns + c]!;
      b[i * columns + c] = sum / a[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      const solved = b[i * columns + c]! / a[i * n + i]!;
      b[i * columns + c] = solved;
      // Row by row: the factor's columns lie far apart in memory.
      for (let k = 0; k < i; k++) b[k * columns + c]! -= a[i * n + k]! * solved;
    }
  }
}

/** Product of `length` values from two places, in four sums that do not wait for each other. */
// oxlint-disable-next-line max-params -- numeric inner loop
function dot(x: Float64Array, from: number, other: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += x[from + k]! * x[other + k]!;
    s1 += x[from + k + 1]! * x[other + k + 1]!;
    s2 += x[from + k + 2]! * x[other + k + 2]!;
    s3 += x[from + k + 3]! * x[other + k + 3]!;
  }
  for (; k < length; k++) s0 += x[from + k]! * x[other + k]!;
  return s0 + s1 + (s2 + s3);
}
