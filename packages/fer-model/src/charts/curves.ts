/** Lines over epochs, named at their ends instead of in a legend. */
import { chart, INK, PART_STYLE, type ChartSpec } from "./theme.js";

/** One line: a value an epoch, `null` where it was not measured. */
export interface Curve {
  /** `train` or `val`; decides dash and colour. */
  part: "train" | "val";
  label: string;
  /** Epochs in order, 1-based, and their values. */
  points: readonly { epoch: number; value: number | null }[];
}

export interface CurvesOptions {
  title: string;
  subtitle: string;
  /** Format of axis labels (d3-format) and of the values at the ends. */
  format: string;
  /** Fixed ends of the vertical axis; from the data where left out. */
  domain?: [low: number, high: number];
  /** Epoch to point out, e.g. the best one. */
  mark?: { epoch: number; label: string };
  /** For screen readers. */
  description: string;
}

const HEIGHT = 260;
const LABEL_HEIGHT = 16;

/** Vega-Lite spec of the curves; curves without any value are left out. */
export function curves(lines: readonly Curve[], options: CurvesOptions): ChartSpec {
  const { title, subtitle, format, domain, mark, description } = options;
  const measured = lines.map((line) => ({
    ...line,
    points: line.points.filter((point): point is { epoch: number; value: number } => Number.isFinite(point.value)),
  }));
  const shown = measured.filter(({ points }) => points.length > 0);
  const values = shown.flatMap(({ part, label, points }) => points.map((point) => ({ part, label, ...point })));
  const scale = domain ?? extent(values.map(({ value }) => value));
  const ends = labelPositions(
    shown.map(({ part, label, points }) => ({ part, label, ...points.at(-1)! })),
    scale,
  );
  const last = Math.max(1, ...values.map(({ epoch }) => epoch));
  const parts = shown.map(({ part }) => part);
  const y = { type: "quantitative", scale: { domain: scale, nice: domain === undefined }, title: null } as const;
  const colour = { domain: parts, range: parts.map((part) => PART_STYLE[part].colour) };
  return {
    ...chart(title, subtitle, description),
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
      ...(mark === undefined ? [] : markLayers(mark, last)),
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
