/** How many images of each class each part has: imbalance is the first thing to know about a result. */
import { chart, INK, PART_STYLE, type ChartSpec } from "./theme.js";

/** Names of parts in the order of the bars. */
const PARTS = ["train", "val", "test", "full", "all"] as const;
type PartName = (typeof PARTS)[number];

const LABELS = { train: "training", val: "validation", test: "test", full: "full", all: "all" } as const;

/**
 * Vega-Lite spec of counts by part and class, classes in the given order.
 *
 * @example
 * ```ts
 * import { classCountsChart } from "@fer/model";
 *
 * const spec = classCountsChart({ train: { happy: 80, sad: 20 }, test: { happy: 8, sad: 2 } }, ["happy", "sad"]);
 * console.log(spec.description); // Images by class: training 100, test 10.
 * ```
 */
export function classCountsChart(
  counts: Partial<Record<PartName, Readonly<Record<string, number>>>>,
  classes: readonly string[],
): ChartSpec {
  const parts = PARTS.filter((part) => counts[part] !== undefined);
  const values = parts.flatMap((part) =>
    classes.map((name) => ({ part: LABELS[part], name, count: counts[part]![name] ?? 0 })),
  );
  const totals = parts.map((part) => {
    const own = values.filter((value) => value.part === LABELS[part]);
    return `${LABELS[part]} ${own.reduce((sum, { count }) => sum + count, 0)}`;
  });
  const labels = parts.map((part) => LABELS[part]);
  return {
    ...chart({
      title: "Images by class",
      subtitle: totals.join(" · "),
      description: `Images by class: ${totals.join(", ") || "none"}.`,
    }),
    width: 520,
    height: { step: 13 },
    data: { values },
    encoding: {
      y: {
        field: "name",
        type: "nominal",
        sort: [...classes],
        scale: { paddingInner: 0.25 },
        axis: { title: null, domain: false, ticks: false },
      },
      yOffset: { field: "part", type: "nominal", sort: labels, scale: { paddingInner: 0.1 } },
      x: {
        field: "count",
        type: "quantitative",
        axis: { title: "images", tickMinStep: 1, tickCount: 6, format: "d", domain: false },
      },
    },
    layer: [
      {
        mark: { type: "bar", stroke: INK.text, strokeWidth: 0.5 },
        encoding: {
          fill: {
            field: "part",
            type: "nominal",
            scale: { domain: labels, range: parts.map((part) => PART_STYLE[part].fill) },
            legend: parts.length < 2 ? null : { orient: "top", direction: "horizontal", offset: 4 },
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 4, fontSize: 11 },
        encoding: { text: { field: "count", type: "quantitative", format: "d" } },
      },
    ],
  } as ChartSpec;
}
