/**
 * Statistics of classifiers that were tested on the same samples: what differs between them beyond chance.
 *
 * - McNemar's test, exact (McNemar 1947; the exact binomial form as Dietterich 1998 and statsmodels have it).
 * - Holm's correction (Holm 1979) where several are compared.
 */

/** Samples on which two classifiers disagree in being right. */
export interface Discordant {
  /** The first is right, the second wrong. */
  first: number;
  second: number;
}

/** Counts them. @param of Class indices by sample. */
export function discordant({
  truth,
  first,
  second,
}: Readonly<Record<"truth" | "first" | "second", ArrayLike<number>>>): Discordant {
  const counts = { first: 0, second: 0 };
  for (let i = 0; i < truth.length; i++) {
    const [a, b] = [first[i] === truth[i], second[i] === truth[i]];
    if (a && !b) counts.first++;
    if (b && !a) counts.second++;
  }
  return counts;
}

/**
 * The chance, were both equally good, of counts at least so unlike: two-sided, `2 P(X <= min(first, second))` with X from
 * a binomial distribution of `first + second` fair coins, 1 at most.
 */
export function mcNemar({ first, second }: Discordant): number {
  const coins = first + second;
  const least = Math.min(first, second);
  // ln of the terms: of the sum, the last is the largest.
  const terms = [-coins * Math.LN2];
  for (let i = 0; i < least; i++) terms.push(terms[i]! + Math.log((coins - i) / (i + 1)));
  const last = terms.at(-1)!;
  const sum = terms.reduce((total, term) => total + Math.exp(term - last), 0);
  return Math.min(1, 2 * Math.exp(last) * sum);
}

/** Holm's step-down correction of several tests, in their order. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).toSorted((a, b) => values[a]! - values[b]!);
  const adjusted = [...values];
  let largest = 0;
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[at]!));
    adjusted[at] = largest;
  }
  return adjusted;
}
