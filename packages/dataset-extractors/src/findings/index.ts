export { exactDuplicates, labelConflicts, nearDuplicates } from "./duplicates.js";
export type { DuplicateGroups, FindingItem } from "./duplicates.js";
export { NEAR_BITS, nearIndex } from "./near-index.js";
export type { NearIndex } from "./near-index.js";
export { BLACK_LEVEL, BLANK_RANGE, isBlack, isBlank, pictureStats } from "./picture-stats.js";
export type { PictureStats } from "./picture-stats.js";
