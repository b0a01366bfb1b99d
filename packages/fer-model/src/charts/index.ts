/** Charts: functions from numbers to Vega-Lite specs, and what draws them. */
export { classCountsChart } from "./class-counts-chart.js";
export { confusionMatrixChart } from "./confusion-matrix-chart.js";
export { renderPng, renderSvg, saveCharts } from "./render.js";
export { sweepChart } from "./sweep-chart.js";
export type { ChartSpec } from "./theme.js";
export { timelineChart } from "./timeline-chart.js";
export type { TimelineOptions, TimelinePoint } from "./timeline-chart.js";
export { accuracyCurves, lossCurves } from "./training-curves.js";
