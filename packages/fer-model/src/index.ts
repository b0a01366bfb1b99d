export {
  architectures,
  ARCHITECTURES,
  ArchitectureOptions,
  defineArchitecture,
  SeededLayers,
} from "./architectures/index.js";
export type {
  Architecture,
  ArchitectureDefinition,
  ArchitectureName,
  ConvOptions,
  DenseOptions,
  ImageShape,
  KernelInitializer,
} from "./architectures/index.js";
export {
  augment,
  AugmentationOptions,
  augmentationsOf,
  erase,
  flip,
  light,
  rotate,
  shift,
  zoom,
} from "./data/augmentation.js";
export type { Augmentation, AugmentOptions } from "./data/augmentation.js";
export type { Affine, Picture, Tone } from "./data/pixels.js";
export { majorityBaseline } from "./baselines/majority.js";
export { fitRidge } from "./baselines/ridge.js";
export type { PixelRows, RidgeClassifier, RidgeOptions } from "./baselines/ridge.js";
export { bestCheckpoint } from "./train/callbacks.js";
export type { Callback, TrainingControl, TrainingPlan } from "./train/callback.js";
export { earlyStopping } from "./train/callbacks.js";
export { history } from "./train/callbacks.js";
export { Monitor, MONITORS } from "./train/monitor.js";
export type { MonitorName } from "./train/monitor.js";
export { plateau } from "./train/callbacks.js";
export type { PlateauOptions } from "./train/callbacks.js";
export { progress } from "./train/callbacks.js";
export {
  accuracyCurves,
  classCountsChart,
  confusionMatrixChart,
  curves,
  lossCurves,
  renderPng,
  renderSvg,
  saveCharts,
} from "./charts/index.js";
export type { AccuracyRow, ChartSpec, Curve, CurvesOptions, LossRow } from "./charts/index.js";
export { ENGINES } from "./engine/engine.js";
export type { Engine, EngineName, EngineStatus, PrepareOptions } from "./engine/engine.js";
export { engineNamed, engines } from "./engine/index.js";
export { selectEngine } from "./engine/select.js";
export type { SelectedEngine } from "./engine/select.js";
export { loadKerasModel, saveKerasModel } from "./keras/index.js";
export type { SaveOptions } from "./keras/index.js";
export { caveats, renderReport, reportCharts, wilsonInterval } from "./report/index.js";
export type { Caveat, ChartName, Citation, ReportData } from "./report/index.js";
export { prepareInput } from "./predict/prepare-input.js";
export type { NetworkInput, Preparation } from "./predict/prepare-input.js";
export { openRun, Run } from "./predict/run.js";
export type { EvaluateOptions, OpenRunOptions, Prediction } from "./predict/run.js";
export { writeReport } from "./report/write-report.js";
export type { WriteReportOptions } from "./report/write-report.js";
export { Baselines, ClassMetrics, HistoryRow, Metrics, ModelInfo, Outcome, RunConfig, Scores } from "@fer/core/run";
export { benchEngine } from "./train/bench-engine.js";
export type { BenchOptions } from "./train/bench-engine.js";
export { TrainerOptions } from "./train/options.js";
export type { FitContext } from "./train/task.js";
export { FerTrainer } from "./train/trainer.js";
