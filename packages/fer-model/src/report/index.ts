/** The report of a run. */
export { caveats, type Caveat } from "./caveats.js";
export { renderReport, reportCharts, type ChartName } from "./render-report.js";
export type { Citation, ReportData } from "./report-data.js";
export { wilsonInterval } from "./wilson-interval.js";
