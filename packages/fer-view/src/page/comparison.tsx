/** What differs between runs beyond chance: `fer compare` as a table. */
import type { CompareAnswer } from "../protocol.js";
import { DataTable, numberColumns } from "./data-table.js";
import { chance, count, points, within } from "./numbers.js";

const TITLES = { accuracy: "accuracy", balancedAccuracy: "balanced accuracy", macroF1: "macro-F1" } as const;
const NAMES = Object.keys(TITLES) as (keyof typeof TITLES)[];

export function Comparison({ found }: { found: CompareAnswer }) {
  const { runs, images, set, part, units, unitCount, resamples } = found;
  const of = units === "groups" ? `${count(unitCount)} people or clips` : `${count(unitCount)} images`;
  return (
    <>
      <DataTable
        caption={`On ${set}, ${part}: ${count(images)} images. In brackets: intervals of 95 % (paired bootstrap of ${of}, ${count(resamples)} draws).`}
        columns={numberColumns("run", ...NAMES.map((name) => TITLES[name]))}
        rows={runs.map(({ run, scores }) => [
          run,
          ...NAMES.map((name) => within(scores[name].value, [scores[name].low, scores[name].high])),
        ])}
      />
      <DataTable
        caption={`Against ${runs[0]!.run}, in points. Beyond chance where the interval leaves zero out; p is of McNemar's exact test, with Holm's correction.`}
        columns={numberColumns(
          "run",
          ...NAMES.map((name) => TITLES[name]),
          "only this one right",
          "only the first right",
          "p",
        )}
        rows={runs.flatMap(({ run, against }) =>
          against === null
            ? []
            : [
                [
                  run,
                  ...NAMES.map((name) => points(against.differences[name])),
                  count(against.onlyRight.second),
                  count(against.onlyRight.first),
                  chance(against.pHolm),
                ],
              ],
        )}
      />
    </>
  );
}
