/** Accuracy and loss over epochs, training beside validation: lines named at their ends instead of in a legend. */
import { formatPercent } from "@fer/core";
import type { HistoryRow } from "@fer/core/run";
import { chart, INK, PART_STYLE, type ChartSpec } from "./theme.js";

/** What each chart needs of a history row. */
type AccuracyRow = Pick<HistoryRow, "epoch" | "accuracy" | "val_accuracy">;
type LossRow = Pick<HistoryRow, "epoch" | "loss" | "val_loss">;

/**
 * Vega-Lite spec of the accuracy of each epoch, 0..1 shown as percent; `bestEpoch` is pointed out.
 *
 * @example
 * ```ts
 * import { accuracyCurves } from "@fer/model";
 *
 * const spec = accuracyCurves([{ epoch: 1, accuracy: 0.5, val_accuracy: 0.4 }]);
 * console.log(spec.description); // Accuracy by epoch: training 50.0%, validation 40.0% at epoch 1.
 * ```
 */
export const accuracyCurves = (history: readonly AccuracyRow[], bestEpoch: number | null = null): ChartSpec =>
  curves(
    history.map(({ epoch, accuracy, val_accuracy }) => ({ epoch, train: accuracy, val: val_accuracy })),
    {
      title: "Accuracy",
      subtitle: "Training with augmentation and dropout, validation without",
      format: ".0%",
      text: formatPercent,
      domain: [0, 1],
      bestEpoch,
    },
  );

/**
 * Vega-Lite spec of the loss of each epoch (mean cross-entropy in nats, label smoothing included).
 *
 * @example
 * ```ts
 * import { lossCurves } from "@fer/model";
 *
 * const spec = lossCurves([{ epoch: 1, loss: 1.9, val_loss: null }]);
 * console.log(spec.description); // Loss by epoch: training 1.900 at epoch 1.
 * ```
 */
export const lossCurves = (history: readonly LossRow[], bestEpoch: number | null = null): ChartSpec =>
  curves(
    history.map(({ epoch, loss, val_loss }) => ({ epoch, train: loss, val: val_loss })),
    {
      title: "Loss",
      subtitle: "Mean cross-entropy",
      format: ".2~f",
      text: (value) => value.toFixed(3),
      bestEpoch,
    },
  );

/** An epoch (1-based) and its values, `null` where it was not measured. */
interface Row {
  epoch: number;
  train: number;
  val: number | null;
}

interface CurvesOptions {
  title: string;
  subtitle: string;
  /** Format of axis labels (d3-format). */
  format: string;
  /** A value in words. */
  text: (value: number) => string;
  /** Fixed ends of the vertical axis; from the data where left out. */
  domain?: [low: number, high: number];
  /** Epoch to point out. */
  bestEpoch: number | null;
}

const HEIGHT = 260;
const LABEL_HEIGHT = 16;
const LABELS = { train: "training", val: "validation" } as const;

/** Vega-Lite spec of the curves; one without any value is left out. */
function curves(rows: readonly Row[], options: CurvesOptions): ChartSpec {
  const { title, subtitle, format, text, domain, bestEpoch } = options;
  const shown = (["train", "val"] as const)
    .map((part) => ({ part, points: pointsOf(rows, part) }))
    .filter(({ points }) => points.length > 0);
  const values = shown.flatMap(({ part, points }) => points.map((point) => ({ part, label: LABELS[part], ...point })));
  const scale = domain ?? extent(values.map(({ value }) => value));
  const ends = labelPositions(
    shown.map(({ part, points }) => ({ part, label: LABELS[part], ...points.at(-1)! })),
    scale,
  );
  const last = Math.max(1, ...values.map(({ epoch }) => epoch));
  const validation = ({ val }: Row): string[] => (val === null ? [] : [`validation ${text(val)}`]);
  const best = rows.find(({ epoch }) => epoch === bestEpoch);
  const final = rows.at(-1);
  const end = final && [`training ${text(final.train)}`, ...validation(final)].join(", ");
  const description = end ? `${title} by epoch: ${end} at epoch ${final.epoch}.` : `${title} by epoch: no epoch yet.`;
  const parts = shown.map(({ part }) => part);
  const y = { type: "quantitative", scale: { domain: scale, nice: domain === undefined }, title: null } as const;
  const colour = { domain: parts, range: parts.map((part) => PART_STYLE[part].colour) };
  return {
    ...chart({ title, subtitle, description }),
    width: 520,
    height: HEIGHT,
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        scale: { domain: [Math.min(1, last), last], nice: false },
        axis: { title: "epoch", grid: false, tickMinStep: 1, format: "d" },
      },
    },
    layer: [
      ...(best === undefined
        ? []
        : markLayers({ epoch: best.epoch, label: [`epoch ${best.epoch} kept`, ...validation(best)].join(": ") }, last)),
      {
        data: { values },
        // One epoch makes no line.
        mark: { type: "line", strokeWidth: 2, clip: false, point: last < 2 ? { filled: true, size: 50 } : false },
        encoding: {
          y: { ...y, field: "value", axis: { format, tickCount: 6 } },
          color: { field: "part", type: "nominal", scale: colour, legend: null },
          strokeDash: {
            field: "part",
            type: "nominal",
            scale: { domain: parts, range: parts.map((part) => PART_STYLE[part].dash) },
            legend: null,
          },
        },
      },
      {
        data: { values: ends },
        mark: { type: "text", align: "left", dx: 8, fontSize: 12, fontWeight: 700 },
        encoding: {
          y: { ...y, field: "at" },
          text: { field: "label", type: "nominal" },
          color: { field: "part", type: "nominal", scale: colour, legend: null },
        },
      },
    ],
  } as ChartSpec;
}

const pointsOf = (rows: readonly Row[], part: "train" | "val"): { epoch: number; value: number }[] =>
  rows.flatMap((row) => {
    const value = row[part];
    return value !== null && Number.isFinite(value) ? [{ epoch: row.epoch, value }] : [];
  });

function markLayers({ epoch, label }: { epoch: number; label: string }, last: number) {
  const right = epoch > last * 0.6;
  const data = { values: [{ epoch, label }] };
  return [
    { data, mark: { type: "rule", strokeDash: [2, 3], color: INK.soft } },
    {
      data,
      mark: {
        type: "text",
        align: right ? "right" : "left",
        dx: right ? -6 : 6,
        baseline: "top",
        y: 2,
        color: INK.soft,
      },
      encoding: { text: { field: "label", type: "nominal" } },
    },
  ] as const;
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  return [Math.min(0, ...values), Math.max(...values) || 1];
}

interface End {
  part: string;
  label: string;
  value: number;
}

/** Moves labels that would lie upon each other apart, keeping their order. */
function labelPositions(ends: readonly End[], [low, high]: readonly [number, number]): (End & { at: number })[] {
  const apart = ((high - low) * LABEL_HEIGHT) / HEIGHT;
  const placed = ends.map((end) => ({ ...end, at: end.value })).sort((a, b) => a.at - b.at);
  for (let i = 1; i < placed.length; i++) placed[i]!.at = Math.max(placed[i]!.at, placed[i - 1]!.at + apart);
  const over = Math.max(0, (placed.at(-1)?.at ?? high) - high);
  for (const end of placed) end.at -= over;
  return placed;
}
