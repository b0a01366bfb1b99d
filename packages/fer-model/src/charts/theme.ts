/**
 * One look for all charts: white ground, few lines, and marks that differ in dash, shape and lightness before they
 * differ in colour, so that a black and white print and a colour-blind reader lose nothing. Blue and vermilion are
 * those of Okabe and Ito (2008).
 */
import type { TopLevelSpec } from "vega-lite";

/** A Vega-Lite specification with its data inside. */
export type ChartSpec = TopLevelSpec & { description: string };

/** Dark to light; readable on white in that order. */
export const INK = {
  text: "#1b1f24",
  soft: "#5b6470",
  line: "#d5d9de",
  blue: "#0072b2",
  vermilion: "#d55e00",
} as const;

/** Parts of a set: darkest where the eye should go. */
export const PART_STYLE = {
  train: { colour: INK.vermilion, dash: [6, 4], fill: "#c9d6e2" },
  val: { colour: INK.blue, dash: [1, 0], fill: "#6f9fc4" },
  test: { colour: INK.text, dash: [2, 3], fill: "#123f63" },
  full: { colour: INK.text, dash: [1, 0], fill: "#123f63" },
  all: { colour: INK.text, dash: [1, 0], fill: "#123f63" },
} as const;

const FONT = "Lato, 'Helvetica Neue', Arial, sans-serif";

/** The parts that every chart has. `description` is what a screen reader says. */
export function chart({ title, subtitle, description }: { title: string; subtitle: string; description: string }) {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description,
    title: { text: title, ...(subtitle === "" ? {} : { subtitle }) },
    background: "white",
    padding: 14,
    config: {
      font: FONT,
      title: {
        anchor: "start",
        frame: "group",
        fontSize: 16,
        fontWeight: 700,
        color: INK.text,
        subtitleFontSize: 12,
        subtitleColor: INK.soft,
        subtitlePadding: 4,
        offset: 14,
      },
      axis: {
        labelFontSize: 12,
        labelColor: INK.text,
        titleFontSize: 12,
        titleFontWeight: 400,
        titleColor: INK.soft,
        gridColor: INK.line,
        domainColor: INK.soft,
        tickColor: INK.soft,
        labelPadding: 6,
      },
      legend: { labelFontSize: 12, labelColor: INK.text, title: null },
      view: { stroke: null },
      text: { fontSize: 12, color: INK.text },
    },
  } as const;
}
