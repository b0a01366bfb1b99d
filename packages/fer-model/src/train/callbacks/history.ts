/** Collects one row an epoch. */
import type { HistoryRow } from "@fer/core/run";
import type { Callback } from "./callback.js";

/**
 * A callback that collects the history into `rows`.
 *
 * @example
 * ```ts
 * import { history } from "@fer/model";
 *
 * const collected = history(); // pass `callbacks: [collected]` to fit()
 * console.log(collected.rows.length); // 0
 * ```
 */
export function history(): Callback & { readonly rows: readonly HistoryRow[] } {
  const rows: HistoryRow[] = [];
  return {
    name: "history",
    rows,
    onTrainBegin() {
      rows.length = 0;
    },
    onEpochEnd(row) {
      rows.push(row);
    },
  };
}
