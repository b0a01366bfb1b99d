/** How probabilities are written, and the colour of each class. */

const INKS = ["#5b8def", "#d1495b", "#7a9e3a", "#8a63c9", "#d98a00", "#2a9aa8", "#c25aa8", "#8d8d8d"];

export const inkOf = (index: number): string => INKS[index % INKS.length]!;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
