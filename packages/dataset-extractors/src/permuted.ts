/**
 * Class counts as evidence of what labels mean: a table that numbers the classes otherwise gives the owner's counts in
 * another order. The allowances grow with chance, so that a random part of a dataset is recognised as well as all of it.
 */

/** Samples below which counts prove nothing, unless they are all that there are. */
const FEWEST = 1000;

/** Whether counts are those of a dataset, or of a random part of it, class by class. */
export function isOf(found: readonly number[], expected: readonly number[]): boolean {
  const compared = compare(found, expected);
  return compared !== undefined && compared.distance < 0.02 + compared.chance;
}

/** Whether counts are those of a dataset in another order: the labels were read by another table than the owner's. */
export function isPermuted(found: readonly number[], expected: readonly number[]): boolean {
  const compared = compare(found, expected);
  if (compared === undefined) return false;
  const { distance, sorted, chance } = compared;
  const isWhole = sum(found) === sum(expected) && sorted === 0;
  return (isWhole && distance > 0) || (sorted < 0.02 + chance && distance > 0.05 + 2.5 * chance);
}

/** Distances of the shares: class by class, and of the ordered ones; and what chance alone makes of them. */
function compare(found: readonly number[], expected: readonly number[]) {
  const [n, total] = [sum(found), sum(expected)];
  if (total === 0 || (n < FEWEST && n !== total)) return undefined;
  const shares = found.map((_, label) => (expected[label] ?? 0) / total);
  const own = found.map((count) => count / n);
  // the mean absolute deviation of each share: sqrt(2 / pi) of its standard deviation
  const chance = 0.8 * sum(shares.map((share) => Math.sqrt((share * (1 - share)) / n)));
  return { distance: apart(own, shares), sorted: apart(ordered(own), ordered(shares)), chance };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const apart = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, i) => Math.abs(value - b[i]!)));
const ordered = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
