/** The middle one of numbers, of two the larger; `undefined` of none. */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
