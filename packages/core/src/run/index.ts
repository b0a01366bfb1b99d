export { parseHistory, writeHistory } from "./history-file.js";
export { foldFolder, parseJson, RUN_FILES, toJson, writeJson } from "./run-files.js";
export { PreprocessingStep, preprocessingSteps, STANDARDIZED, viewShifts } from "./preprocessing.js";
export { isReportFile, RunFolder } from "./run-folder.js";
export type { OpenRunFolderOptions } from "./run-folder.js";
export {
  Baselines,
  ClassMetrics,
  HistoryRow,
  Metrics,
  ModelInfo,
  Outcome,
  RunConfig,
  RunSession,
  Scores,
} from "./schema.js";
