import type { Expected } from "../items.js";
import { EXPRESSIONS, formatCount, labelOf } from "@fer/core";
import { SPLITS, type Verification } from "@fer/core/image-folder";

/** `split -> expression -> n`. */
export type Counts = Record<string, Record<string, number>>;

const MARKS = { V: "verified", 2: "two sources", D: "documented", 1: "one source" } as const;

/**
 * Compares what was read with the owner's totals.
 *
 * - `differs`: a total that was verified on real files (V) is not met;
 * - `partial`: a split of the owner is absent, or a total of lesser confidence is not met;
 * - `match`: every total is met; `unknown`: there is none.
 */
export function verify(
  expected: readonly Expected[],
  { images, groups }: Record<"images" | "groups", Counts>,
): Verification {
  if (expected.length === 0) return { status: "unknown", details: ["nobody has published totals of this selection"] };
  const details: string[] = [];
  let differs = false;
  let partial = false;
  for (const { split, mark, counts, total, of } of expected) {
    const found = (of === "images" ? images : groups)[split];
    const wanted = total ?? counts?.reduce((a, b) => a + b, 0) ?? 0;
    const label = `${split}: expected ${formatCount(wanted)} ${of} [${MARKS[mark]}]`;
    if (found === undefined) {
      partial = true;
      details.push(`${label}, the split is absent`);
      continue;
    }
    const sum = Object.values(found).reduce((a, b) => a + b, 0);
    const wrong = (counts ?? []).flatMap((n, label) => {
      const name = EXPRESSIONS[label]!;
      const have = found[name] ?? 0;
      return have === n ? [] : [`${name} ${formatCount(have)} instead of ${formatCount(n)}`];
    });
    if (counts?.length === 7 && (found.contempt ?? 0) > 0)
      wrong.push(`contempt ${formatCount(found.contempt!)} instead of 0`);
    if (sum === wanted && wrong.length === 0) details.push(`${label}, found the same`);
    else {
      if (mark === "V") differs = true;
      else partial = true;
      details.push(`${label}, found ${formatCount(sum)}${wrong.length > 0 ? `: ${wrong.join(", ")}` : ""}`);
    }
  }
  return { status: differs ? "differs" : partial ? "partial" : "match", details };
}

/** Sum over splits and classes. */
export const total = (counts: Counts) =>
  Object.values(counts)
    .flatMap((classes) => Object.values(classes))
    .reduce((a, b) => a + b, 0);

/** Splits and classes in canonical order. */
export function inOrder(counts: Counts): Counts {
  return Object.fromEntries(
    SPLITS.filter((split) => counts[split] !== undefined).map((split) => [
      split,
      Object.fromEntries(
        Object.entries(counts[split]!).sort(([a], [b]) => labelOf(a as "happy") - labelOf(b as "happy")),
      ),
    ]),
  );
}
