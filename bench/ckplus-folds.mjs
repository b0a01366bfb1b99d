/**
 * Who and what is tested in each fold of CK+ (the 327 frames of `examples/data/ckplus`) by the protocols of its literature:
 * every tenth subject, and one subject at a time. Counts, not times: they are the same on every machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ckplusSet } from "./peers/ckplus_set.mjs";

export const title = "CK+ in folds: who is tested, and the share of every expression";
export const peers = "none: counts";

export async function run() {
  const out = mkdtempSync(join(tmpdir(), "fer-bench-ckplus-folds-"));
  const options = { near: false, page: false, allowMissing: true };
  try {
    const { info: tens } = await ckplusSet(out, { name: "tens", split: "subject-modulo", folds: 10, ...options });
    const { info: ones } = await ckplusSet(out, { name: "ones", split: "leave-one-subject-out", ...options });
    const row = (name, subject, value, unit) => ({ subject, case: name, value, unit, ratio: null });
    const shares = ({ count, perClass }) =>
      Object.entries(perClass)
        .map(([expression, of]) => `${expression} ${((100 * of) / count).toFixed(1)} %`)
        .join(", ");
    const { all } = tens.parts;
    return [
      row(`all, ${all.groups} people`, shares(all), all.count, "frames"),
      ...tens.folds.map(({ test }, i) =>
        row(`subject-modulo, fold ${i + 1} of 10, ${test.groups} people tested`, shares(test), test.count, "frames"),
      ),
      row("subject-modulo, 10 folds", "people on two sides, summed over the folds", tens.leaks.groups, "people"),
      row(
        `leave-one-subject-out, ${ones.folds.length} folds`,
        "people tested, summed over the folds",
        sum(ones.folds, ({ test }) => test.groups),
        "people",
      ),
      row(
        `leave-one-subject-out, ${ones.folds.length} folds`,
        "people on two sides, summed over the folds",
        ones.leaks.groups,
        "people",
      ),
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const sum = (list, of) => list.reduce((total, each) => total + of(each), 0);
