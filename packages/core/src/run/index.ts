export { bootstrap, groupNumbers, Intervals, intervalsOf, middle } from "./bootstrap.js";
export type { ClassifiedTogether, Draws, IntervalOptions } from "./bootstrap.js";
export { Certainty, certaintyOf } from "./certainty.js";
export type { ProbabilityRows } from "./certainty.js";
export { parseHistory, writeHistory } from "./history-file.js";
export { foldFolder, foldNumbers, parseJson, RUN_FILES, toJson, writeJson } from "./run-files.js";
export { cropPlaces, PreprocessingStep, preprocessingSteps, STANDARDIZED, viewShifts } from "./preprocessing.js";
export { joinTrainingIndexes, readTrainingIndex, writeTrainingIndex } from "./training-index.js";
export type { TrainingIndex } from "./training-index.js";
export { readSeenIndex, seenIndexFiles } from "./seen-index.js";
export type { SeenIndex } from "./seen-index.js";
export { isReportFile, RunFolder } from "./run-folder.js";
export type { OpenRunFolderOptions } from "./run-folder.js";
export {
  ClassMetrics,
  classMetrics,
  confusionMatrix,
  METRIC_NAMES,
  METRICS,
  Scores,
  scoresOf,
  spreadOf,
  spreadsOf,
} from "./metrics.js";
export type { ConfusionMatrix, Metric, MetricName } from "./metrics.js";
export type { Classified } from "./tally.js";
export { earlierReadings, Reading, readReadings, writeReadings } from "./readings.js";
export { fitOf, ModelInfo } from "./model-info.js";
export { scoredSubsets } from "./scored-subsets.js";
export type { ScoredSubset } from "./scored-subsets.js";
export { seedFolder, SEEDS_FILE, seedsAmong, SeedsSummary } from "./seeds.js";
export {
  Baselines,
  HistoryRow,
  Metrics,
  Outcome,
  PartScores,
  RunBudget,
  RunConfig,
  RunSession,
  RunStart,
  Sureness,
} from "./schema.js";
