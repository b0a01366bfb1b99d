/**
 * Pictures that are there more than once, in one dataset or several: the same pixels, nearly the same pixels, and the
 * same pixels under two labels. Pure: works on what is known of them, decodes nothing.
 */
import { conflicting, twinGroups } from "./twin-groups.js";

/** What the search needs of an image. */
export interface FindingItem {
  /** Path that a person can open. */
  file: string;
  /** Dataset (or folder) that it is in. */
  folder: string;
  split: string;
  expression: string;
  /** sha256 of the grey pixels. */
  pixelHash: string;
}

/** Groups of images, each sorted by position, and how they spread. */
export interface DuplicateGroups {
  /** Positions of the images of each group. */
  groups: number[][];
  /** Images in any group. */
  files: number;
  /** Images with a twin in an earlier split (train before val before test): what leaks into an evaluation. */
  acrossSplits: number;
  /** Images with a twin in another folder. */
  acrossFolders: number;
}

/** Splits in the order in which a twin counts as a leak of the later one. */
const SPLIT_ORDER = ["train", "all", "val", "test"];

/** Images with the same pixels. */
export function exactDuplicates(items: readonly FindingItem[]): DuplicateGroups {
  return spread(items, twinGroups(items.map(({ pixelHash }) => pixelHash)));
}

/**
 * Images of one photo whose pixels are not all the same.
 *
 * @param photos a number for each image, which those of one photo share
 */
export function nearDuplicates(items: readonly FindingItem[], photos: ArrayLike<number>): DuplicateGroups {
  const groups = twinGroups(items.map((_, i) => String(photos[i])));
  return spread(
    items,
    groups.filter((group) => new Set(group.map((i) => items[i]!.pixelHash)).size > 1),
  );
}

/** Groups of pixel-identical images that carry more than one label. */
export function labelConflicts(items: readonly FindingItem[]): number[][] {
  return conflicting(exactDuplicates(items).groups, (i) => items[i]!.expression);
}

function spread(items: readonly FindingItem[], groups: number[][]): DuplicateGroups {
  const rank = (i: number): number => SPLIT_ORDER.indexOf(items[i]!.split);
  let acrossSplits = 0;
  let acrossFolders = 0;
  for (const group of groups) {
    const earliest = Math.min(...group.map(rank));
    const folders = new Set(group.map((i) => items[i]!.folder));
    acrossSplits += group.filter((i) => rank(i) > earliest).length;
    if (folders.size > 1) acrossFolders += group.length;
  }
  return { groups, files: groups.reduce((sum, group) => sum + group.length, 0), acrossSplits, acrossFolders };
}
