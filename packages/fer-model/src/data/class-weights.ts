/** Weights that give every class the same share of the loss. */

/**
 * `count / (classes with samples * samples of the class)`, as scikit-learn's "balanced"; 0 for a class without any.
 *
 * @param support Samples of each class.
 */
export function balancedWeights(support: readonly number[]): Float32Array {
  const total = support.reduce((a, b) => a + b, 0);
  const present = support.filter((count) => count > 0).length;
  return Float32Array.from(support, (count) => (count === 0 ? 0 : total / (present * count)));
}
