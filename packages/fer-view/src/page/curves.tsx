/** Curves of one run, of its folds, or of several runs: loss, accuracy and macro-F1, and the numbers behind them. */
import type { HistoryRow } from "@fer/core/run";
import type { Curve, LiveRun } from "../protocol.js";
import { DataTable } from "./data-table.js";
import { type Line, LinePlot, Plots } from "./line-plot.js";
import { decimal, figure, percent, wholePercent } from "./numbers.js";

/** Curves that are drawn with those of training too. */
const FEW = 4;

type Column = Exclude<keyof HistoryRow, "epoch">;

interface Named {
  /** `""` where there is one alone. */
  name: string;
  curve: Curve;
}

/** A curve with a name of its own among those of all runs. */
function namedCurves(runs: readonly LiveRun[]): Named[] {
  return runs.flatMap(({ path, curves }) =>
    curves.map((curve) => {
      const parts = [...(runs.length > 1 ? [path] : []), ...(curve.fold === null ? [] : [`fold ${curve.fold}`])];
      return { name: parts.join(", "), curve };
    }),
  );
}

export function Curves({ runs }: { runs: readonly LiveRun[] }) {
  const named = namedCurves(runs);
  const epochs = Math.max(0, ...runs.map((run) => run.epochs ?? 0)) || null;
  // Of many runs or folds, what tells them apart.
  const hasTraining = named.length <= FEW;
  const linesOf = (columns: readonly [Column, string][]): Line[] =>
    named.flatMap(({ name, curve }, hue) =>
      columns.slice(0, hasTraining ? 2 : 1).map(([column, word], at) => ({
        name: [name, word].filter(Boolean).join(", "),
        hue: named.length === 1 ? at : hue,
        isDashed: column === "loss" || column === "accuracy",
        mark: column.startsWith("val_") ? curve.bestEpoch : null,
        points: curve.rows.flatMap((row) => {
          const value = row[column];
          return value !== null && Number.isFinite(value) ? [{ epoch: row.epoch, value }] : [];
        }),
      })),
    );
  if (named.every(({ curve }) => curve.rows.length === 0)) return <p class="soft">No epoch is complete yet.</p>;
  const share = { domain: [0, 1] as const, text: percent, tick: wholePercent, epochs };
  return (
    <>
      <Plots>
        <LinePlot
          title="Loss"
          note="mean cross-entropy"
          text={decimal}
          epochs={epochs}
          lines={linesOf([
            ["val_loss", "validation"],
            ["loss", "training"],
          ])}
        />
        <LinePlot
          title="Accuracy"
          note="training with augmentation and dropout"
          lines={linesOf([
            ["val_accuracy", "validation"],
            ["accuracy", "training"],
          ])}
          {...share}
        />
        <LinePlot title="Macro-F1" lines={linesOf([["val_macro_f1", "validation"]])} {...share} />
        <LinePlot title="Learning rate" text={figure} epochs={epochs} lines={linesOf([["learning_rate", "rate"]])} />
      </Plots>
      <details>
        <summary>The numbers</summary>
        {named.map(({ name, curve }) => (
          <Numbers key={name} name={name} curve={curve} />
        ))}
      </details>
    </>
  );
}

const Numbers = ({ name, curve }: Named) => (
  <DataTable
    caption={name === "" ? "Epochs" : `Epochs of ${name}`}
    columns={["epoch", "loss", "accuracy", "val. loss", "val. accuracy", "val. macro-F1", "learning rate"].map(
      (title) => ({ title, number: true }),
    )}
    rows={curve.rows.map((row) => [
      row.epoch === curve.bestEpoch ? `${row.epoch}, kept` : row.epoch,
      decimal(row.loss),
      percent(row.accuracy),
      decimal(row.val_loss),
      percent(row.val_accuracy),
      percent(row.val_macro_f1),
      figure(row.learning_rate),
    ])}
  />
);

/** What the last epoch came to, said aloud when another one is complete. */
export function LastEpoch({ runs }: { runs: readonly LiveRun[] }) {
  const said = runs
    .filter(({ state }) => state === "at-work")
    .flatMap((run) => {
      const { rows, fold } = run.curves.at(-1) ?? {};
      const row = rows?.at(-1);
      if (row === undefined) return [];
      const of = [runs.length > 1 ? run.path : "", fold == null ? "" : `fold ${fold}`].filter(Boolean).join(", ");
      const total = run.epochs === null ? "" : ` of ${run.epochs}`;
      const validation = row.val_accuracy === null ? "" : `, validation accuracy ${percent(row.val_accuracy)}`;
      return [`${of}${of === "" ? "" : ": "}epoch ${row.epoch}${total}: loss ${decimal(row.loss)}${validation}`];
    });
  return (
    <p class="soft" role="status">
      {said.join("; ")}
    </p>
  );
}
