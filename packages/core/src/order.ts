/** Order of strings by UTF-16 code unit: the same on every machine, whatever its locale (unlike `localeCompare`). */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
