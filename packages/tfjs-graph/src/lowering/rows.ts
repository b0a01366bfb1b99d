/**
 * Graphs for any number of rows: a function is traced for {@link ROWS} of them, a prime that no other size is a multiple
 * of, so that the sizes which hold the rows are known afterwards.
 */
export const ROWS = 65_521;

/** Whether a size along an axis is a multiple of what stands for the rows. */
export const holdsRows = (size: number, rows: number | null): boolean => rows !== null && size > 0 && size % rows === 0;
