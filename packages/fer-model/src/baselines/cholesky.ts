/** Solves a symmetric positive definite system in place by Cholesky factorisation. */

/**
 * @param a `[n, n]` row-major, symmetric; its lower triangle is overwritten by the factor.
 * @param b `[n, columns]` row-major; overwritten by the solution of `a x = b`.
 */
export function solveCholesky(a: Float64Array, b: Float64Array, n: number, columns: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = b[i * columns + c]!;
      for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k * columns + c]!;
      b[i * columns + c] = sum / a[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[i * columns + c]!;
      for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * b[k * columns + c]!;
      b[i * columns + c] = sum / a[i * n + i]!;
    }
  }
}
