/** The report of a run. */
export { caveats } from "./caveats.js";
export { renderReport, reportCharts } from "./render-report.js";
export type { Citation, ReportData } from "./report-data.js";
export { wilsonInterval } from "./wilson-interval.js";
