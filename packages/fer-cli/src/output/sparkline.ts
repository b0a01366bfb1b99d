const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * How values went, a character each from the lowest to the highest of them; where there are more values than `width`, the
 * mean of several neighbours is one.
 */
export function sparkline(values: readonly number[], { width }: { width: number }): string {
  const count = Math.min(width, values.length);
  const means = Array.from({ length: count }, (_, i) => {
    const some = values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count));
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
  const finite = means.filter(Number.isFinite);
  const lowest = Math.min(...finite);
  const span = Math.max(...finite) - lowest;
  return means
    .map((mean) => {
      if (!Number.isFinite(mean)) return " ";
      return LEVELS[span === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor(((mean - lowest) / span) * LEVELS.length))];
    })
    .join("");
}
