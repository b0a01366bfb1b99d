/** Charts: functions from numbers to Vega-Lite specs, and what draws them. */
export { accuracyCurves, type AccuracyRow } from "./accuracy-curves.js";
export { classCountsChart } from "./class-counts-chart.js";
export { confusionMatrixChart } from "./confusion-matrix-chart.js";
export { curves, type Curve, type CurvesOptions } from "./curves.js";
export { lossCurves, type LossRow } from "./loss-curves.js";
export { renderPng, renderSvg, saveCharts } from "./render.js";
export type { ChartSpec } from "./theme.js";
