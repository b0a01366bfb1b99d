// Training: a set goes in, a run comes out.
export { TrainerOptions } from "./train/options.js";
export type { FitContext } from "./train/task.js";
export { FerTrainer } from "./train/trainer.js";
export { openSeeds, SeedsOptions } from "./train/seeds.js";
export type { SeedRuns } from "./train/seeds.js";
export { ReproduceOptions, reproduceRun } from "./train/reproduce.js";
export type { Reproduction } from "./train/reproduce.js";

// Recipes: settings that were made for a purpose.
export { RECIPES, recipes } from "./recipes/index.js";
export type { RecipeName } from "./recipes/index.js";
export type { MeasuredRecipe, Recipe, SetSize } from "./recipes/recipe.js";
export type { ChosenRecipe } from "./recipes/apply-recipe.js";

// Of one's own, passed by value.
export { architectures, ARCHITECTURES, defineArchitecture, multiplyAdds, NetOptions } from "./architectures/index.js";
export type {
  Architecture,
  ArchitectureDefinition,
  ArchitectureName,
  ArchitectureOptions,
} from "./architectures/index.js";
export type { Augmentation } from "./data/augmentation.js";
export { type Affine, type NetworkInput, type Picture, prepareInput, type Tone } from "@fer/core/inference";
export type { Callback, TrainingControl, TrainingPlan } from "./train/callback.js";

// Runs: evaluating and predicting.
export { openRun, Run } from "./predict/run.js";
export type { EvaluateOptions, OpenRunOptions } from "./predict/run.js";
export { parsePredictions } from "./predict/predictions-file.js";
export type { ReadPredictions } from "./predict/predictions-file.js";
export { faceDetectorModule, openFaceDetector } from "./predict/face-detector.js";
export { freezeModel, openFrozenModel } from "./formats/frozen-model.js";
export type { FrozenModel } from "./formats/frozen-model.js";
export { isModel, loadModel, openModel } from "./formats/load-model.js";
export type { LoadModelOptions, OpenedModel } from "./formats/load-model.js";
export { FacePredictor } from "./predict/face-predictor.js";
export type { PixelOptions } from "./predict/face-predictor.js";
export type { Prediction } from "@fer/core/inference";
export type { DecodedPicture, FaceImages, FacePicture } from "./predict/face-pixels.js";
export { fitRidge } from "./baselines/ridge.js";
export type { RidgeClassifier } from "./baselines/ridge.js";

// Labels that look wrong.
export { findMislabelled, MISLABELLED_ODDS } from "./mislabelled/find-mislabelled.js";
export type { LabelledPredictions, Mislabelled, MislabelledOrder } from "./mislabelled/find-mislabelled.js";
export { foldPredictions } from "./mislabelled/fold-predictions.js";
export type { FoldPredictions } from "./mislabelled/fold-predictions.js";

// Files of Keras.
export { loadKerasModel, saveKerasModel } from "./keras/index.js";

// Models for other tools.
export { exportRun, ExportRunOptions } from "./formats/export-run.js";
export type { ExportedRun, ExportRunValues } from "./formats/export-run.js";
export { EXPORT_FORMATS, ExportedModel, type ExportFormat } from "./formats/exported-model.js";

// The ABAW challenges.
export { ABAW_CLASSES, abawFile, abawScore, abawText } from "./formats/abaw.js";
export type { AbawEdition, AbawScore, AbawVideo } from "./formats/abaw.js";
export { AbawWriteOptions, scoreAbaw, writeAbaw } from "./formats/abaw-files.js";
export type { AbawHooks, AbawWritten, ScoredAbaw } from "./formats/abaw-files.js";

// Models of other people.
export { describeModelFile, isModelFile, openModelFile } from "./formats/open-model-file.js";
export type { ModelFileDescription, OpenedModelFile, OpenModelFileOptions } from "./formats/open-model-file.js";
export { ModelFileInfo } from "./formats/model-file-info.js";
export { evaluateModel } from "./formats/evaluate-model.js";
export { cross } from "./formats/cross.js";
export type { Crossed, CrossOptions } from "./formats/cross.js";
export type { PeerBatch, PeerModel } from "./formats/peer-model.js";
export { keptEvaluation } from "./predict/kept-evaluation.js";
export type { EvaluateModelOptions, MeasuredModel, PredictedPart } from "./formats/evaluate-model.js";

// Engines.
export { ENGINES } from "./engine/engine.js";
export type { Engine, EngineName, EngineStatus } from "./engine/engine.js";
export { engines } from "./engine/index.js";
export { choosePrecision } from "./engine/choose-precision.js";
export { selectEngine } from "./engine/select.js";
export { benchEngine } from "./train/bench-engine.js";
export type { BenchOptions } from "./train/bench-engine.js";

// Report and charts.
export { renderReport } from "./report/index.js";
export type { Citation, ReportData } from "./report/index.js";
export { compareRuns } from "./report/compare-runs.js";
export type { ComparedRun, CompareOptions, Comparison, Estimate } from "./report/compare-runs.js";
export { wilsonInterval } from "./report/wilson-interval.js";
export { writeReport } from "./report/write-report.js";
export type { WriteReportOptions } from "./report/write-report.js";
export {
  accuracyCurves,
  classCountsChart,
  confusionMatrixChart,
  lossCurves,
  renderPng,
  renderSvg,
  saveCharts,
  sweepChart,
  timelineChart,
} from "./charts/index.js";
export type { ChartSpec, TimelineOptions, TimelinePoint } from "./charts/index.js";

// Sweeps: many trainings whose options are drawn.
export { rankedRows, sweep, SweepOptions } from "./sweep/sweep.js";
export { SweepSpace } from "./sweep/space.js";
export { SweepSummary } from "./sweep/summary.js";
export type { SweepRow } from "./sweep/summary.js";

// Trackers: programs outside that show how trainings go.
export { tensorBoard } from "./tracking/tensorboard.js";
export { mlflow } from "./tracking/mlflow.js";
export type { MlflowOptions } from "./tracking/mlflow.js";
export type { FinishOptions, TrackedTraining, Tracker } from "./tracking/tracker.js";
