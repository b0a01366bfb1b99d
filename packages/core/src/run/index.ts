export { readHistory, writeHistory } from "./history-file.js";
export { foldFolder, readJson, readJsonIfThere, RUN_FILES, toJson, writeJson } from "./run-files.js";
export { Baselines, ClassMetrics, HistoryRow, Metrics, ModelInfo, Outcome, RunConfig, Scores } from "./schema.js";
