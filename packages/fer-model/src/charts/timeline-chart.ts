/** What faces of a video show over time: a band a face, its height shared out among the expressions. */
import { EXPRESSIONS } from "@fer/core";
import { chart, type ChartSpec } from "./theme.js";

/** What a face shows around a moment. */
export interface TimelinePoint {
  /** Which face. */
  track: number;
  /** Seconds. */
  time: number;
  /** By class, they sum to 1. */
  probabilities: Readonly<Record<string, number>>;
}

export interface TimelineOptions {
  /** Whose: the name of the video. */
  title: string;
  subtitle?: string;
  classes: readonly string[];
}

const [WIDTH, HEIGHT] = [720, 90];

/** Colours of Okabe and Ito, the calm one grey; in the order of the expressions. */
const COLOURS: readonly string[] = [
  "#c3c9d0",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#f0e442",
  "#0072b2",
  "#56b4e9",
  "#e69f00",
];

const colourOf = (name: string, at: number): string =>
  COLOURS[(EXPRESSIONS as readonly string[]).indexOf(name)] ?? COLOURS[at % COLOURS.length]!;

/**
 * Vega-Lite spec of a video's expressions by face and time.
 *
 * @example
 * ```ts
 * import { timelineChart } from "@fer/model";
 *
 * const points = [0, 1].map((time) => ({ track: 1, time, probabilities: { happy: 0.9, sad: 0.1 } }));
 * console.log(timelineChart(points, { title: "clip.mp4", classes: ["happy", "sad"] }).description);
 * // Expressions of 1 face over time, 0.0 to 1.0 s.
 * ```
 */
export function timelineChart(
  points: readonly TimelinePoint[],
  { title, subtitle = "Probabilities of each expression, by face", classes }: TimelineOptions,
): ChartSpec {
  const tracks = [...new Set(points.map(({ track }) => track))];
  const times = points.map(({ time }) => time);
  const [from, to] = points.length === 0 ? [0, 0] : [Math.min(...times), Math.max(...times)];
  const values = points.flatMap(({ track, time, probabilities }) =>
    classes.map((expression, order) => ({
      face: `face ${track}`,
      time: Number(time.toFixed(3)),
      expression,
      order,
      share: Number((probabilities[expression] ?? 0).toFixed(4)),
    })),
  );
  return {
    ...chart({
      title,
      subtitle,
      description: `Expressions of ${tracks.length} face${tracks.length === 1 ? "" : "s"} over time, ${from.toFixed(1)} to ${to.toFixed(1)} s.`,
    }),
    data: { values },
    facet: {
      row: {
        field: "face",
        type: "nominal",
        sort: tracks.map((track) => `face ${track}`),
        header: { title: null, labelAngle: 0, labelAlign: "left", labelFontSize: 12 },
      },
    },
    spec: {
      width: WIDTH,
      height: HEIGHT,
      mark: { type: "area", interpolate: "linear", line: false },
      encoding: {
        x: { field: "time", type: "quantitative", scale: { domain: [from, to], nice: false }, title: "seconds" },
        y: {
          field: "share",
          type: "quantitative",
          stack: "zero",
          scale: { domain: [0, 1] },
          axis: { title: null, format: ".0%", tickCount: 2, grid: false },
        },
        color: {
          field: "expression",
          type: "nominal",
          scale: { domain: [...classes], range: classes.map(colourOf) },
          legend: { orient: "bottom", columns: classes.length },
        },
        order: { field: "order", type: "quantitative" },
      },
    },
  } as ChartSpec;
}
