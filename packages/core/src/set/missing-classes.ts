/** Classes of which a part of a set, or of some of its folds, has no image: a mean over classes says less there. */
import { FOLD_PARTS, PARTS, type SetInfo } from "./schema.js";

/**
 * One sentence for each part that lacks classes; of folds, for each part and number of them. None where nothing is missing.
 *
 * @example
 * ```ts
 * import { missingClasses } from "@fer/core/set";
 *
 * const perClass = { neutral: 3, happy: 0 };
 * const parts = {
 *   train: { count: 9, perClass: { neutral: 4, happy: 5 }, groups: 0 },
 *   test: { count: 3, perClass, groups: 0 },
 * };
 * console.log(missingClasses({ classes: ["neutral", "happy"], parts })); // [ 'test has no image of happy' ]
 * ```
 */
export function missingClasses({ classes, parts, folds = [] }: Pick<SetInfo, "classes" | "parts" | "folds">): string[] {
  const named = PARTS.flatMap((name) => (parts[name] === undefined ? [] : [{ name, perClass: parts[name].perClass }]));
  const nowhere = classes.filter((name) => named.every(({ perClass }) => (perClass[name] ?? 0) === 0));
  const known = classes.filter((name) => !nowhere.includes(name));
  const lines = nowhere.length === 0 ? [] : [`no part has an image of ${nowhere.join(", ")}`];
  for (const { name, perClass } of named) {
    const missing = known.filter((each) => (perClass[each] ?? 0) === 0);
    if (missing.length > 0) lines.push(`${name} has no image of ${missing.join(", ")}`);
  }
  for (const part of FOLD_PARTS) {
    const byCount = new Map<number, string[]>();
    for (const name of known) {
      const count = folds.filter((fold) => fold[part] !== null && (fold[part].perClass[name] ?? 0) === 0).length;
      if (count > 0) byCount.set(count, [...(byCount.get(count) ?? []), name]);
    }
    for (const [count, names] of byCount)
      lines.push(`in ${count} of ${folds.length} folds ${part} has no image of ${names.join(", ")}`);
  }
  return lines;
}
