/** Numbers in owners' text, read strictly: an empty cell, `NULL`, `NaN` or "12px" is not taken for one. */

/** Whether a cell says that there is nothing to say: empty, `NaN`, `NULL`, `None`, `N/A`. */
export const isEmptyCell = (text: string): boolean => /^\s*(nan|null|none|n\/?a)?\s*$/i.test(text);

/** The integer that `text` spells, or `undefined`. */
export function integer(text: string): number | undefined {
  return /^\s*[-+]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

/** The finite decimal number that `text` spells, or `undefined`. */
export function decimal(text: string): number | undefined {
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
