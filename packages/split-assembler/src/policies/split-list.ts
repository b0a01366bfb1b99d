/** A split that somebody else has made: which samples are in which part, or in which part of which fold. */
import { OptionsError } from "@fer/core";
import { FOLD_PARTS, type FoldPartName } from "@fer/core/set";
import { canonicalOrder, type Items } from "./split-item.js";

/** Samples by their id, their source (`<dataset>/<part>/<file>`) or their row: the position in the order of a set. */
export type SplitEntry = string | number;

/** Samples of the parts of a split, or of a fold. */
export interface ListedParts extends Record<FoldPartName, readonly SplitEntry[]> {
  name: string | null;
}

/** What a list says. */
export interface SplitList {
  /** Name for messages. */
  file: string;
  /** `true` where it lists folds, even a single one. */
  isFolded: boolean;
  /** The parts of each fold, or of the one split. */
  listed: readonly ListedParts[];
}

/**
 * Positions of the samples in `items`, ascending.
 *
 * @throws OptionsError for an entry that names no sample, several, or one that came before
 */
export function positionsOf(
  list: SplitList,
  items: Items,
): (Record<FoldPartName, Uint32Array> & { name: string | null })[] {
  const order = canonicalOrder(items);
  const known = new Map<string, number>();
  for (const [i, { id }] of items.entries()) {
    if (id === undefined) continue;
    known.set(id, known.has(id) ? AMBIGUOUS : i);
  }
  for (const [i, { key }] of items.entries()) known.set(key, i);
  const bad = (found: string, expected: string): OptionsError =>
    new OptionsError({ code: "BAD_SPLIT_LIST", subject: list.file, found, expected });
  const positionOf = (entry: SplitEntry): number => {
    const position = typeof entry === "number" ? order[entry] : known.get(entry);
    if (position === undefined) {
      throw typeof entry === "number"
        ? bad(`row ${entry} of ${items.length} images`, `rows in [0, ${items.length})`)
        : bad(`"${entry}" is not among the ${items.length} images`, "their ids, or their sources");
    }
    if (position === AMBIGUOUS)
      throw bad(`the id "${entry}" is that of several images`, "sources, such as rafdb/train/happy/train_00001.jpg");
    return position;
  };
  return list.listed.map((parts, index) => {
    const taken = new Map<number, FoldPartName>();
    const where = list.isFolded ? ` in fold ${index + 1}` : "";
    const of = (part: FoldPartName): Uint32Array =>
      Uint32Array.from(parts[part], (entry) => {
        const position = positionOf(entry);
        const before = taken.get(position);
        if (before !== undefined)
          throw bad(
            `"${items.at(position)!.key}" ${before === part ? `comes twice in ${part}` : `is in ${before} and ${part}`}${where}`,
            "every image once",
          );
        taken.set(position, part);
        return position;
      }).sort();
    const [train, val, test] = FOLD_PARTS.map(of) as [Uint32Array, Uint32Array, Uint32Array];
    return { name: parts.name, train, val, test };
  });
}

const AMBIGUOUS = -1;
