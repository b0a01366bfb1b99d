/** A run as the trainer leaves it: three classes, one of them rare, people held out. */
import type { Intervals } from "@fer/core/run";
import type { ReportData } from "../../dist/report/index.js";

const score = (accuracy: number) => ({ accuracy, balancedAccuracy: accuracy - 0.05, macroF1: accuracy - 0.07 });

export function reportData(): ReportData {
  const classes = ["neutral", "happy", "sad"];
  const support = { neutral: 40, happy: 30, sad: 8 };
  return {
    name: "first",
    config: {
      schema: 1,
      options: {
        architecture: "fer-resnet9",
        epochs: 30,
        optimizer: { name: "adam", beta1: 0.9 },
        folds: null,
      },
      seed: 7,
      engine: { name: "wasm", reason: "the first that works here", device: "CPU, WebAssembly", version: "4.22.0" },
      data: { name: "mix", fingerprint: "ab".repeat(32), policy: "subject" },
      fold: null,
      samples: { train: 280, val: 31, test: 78 },
      versions: { "@fer/model": "0.1.0", node: "v20.19.0" },
      commit: "0123456789abcdef0123456789abcdef01234567",
    },
    model: {
      schema: 1,
      architecture: "fer-resnet9",
      size: 48,
      channels: 1,
      scale: 1 / 127.5,
      offset: -1,
      standardize: true,
      views: 10,
      classes,
      parameters: 267_743,
    },
    outcome: { schema: 1, epochs: 30, monitor: "val_accuracy", bestEpoch: 24, weights: "best", stopped: null },
    history: Array.from({ length: 30 }, (_, at) => ({
      epoch: at + 1,
      loss: 0.4 + 1.5 * Math.exp(-at / 8),
      accuracy: 0.93 - 0.6 * Math.exp(-at / 8),
      val_loss: 0.55 + 1.4 * Math.exp(-at / 7),
      val_accuracy: 0.9 - 0.6 * Math.exp(-at / 7) + 0.01 * Math.sin(at),
      val_macro_f1: 0.8,
      learning_rate: 1e-3,
    })),
    metrics: {
      schema: 1,
      set: { name: "mix", fingerprint: "ab".repeat(32) },
      part: "test",
      weights: "best",
      classes,
      count: 78,
      loss: 0.5,
      accuracy: 0.872,
      balancedAccuracy: 0.801,
      macroF1: 0.79,
      perClass: {
        neutral: { precision: 0.9, recall: 0.925, f1: 0.912, support: 40 },
        happy: { precision: 0.93, recall: 0.9, f1: 0.915, support: 30 },
        sad: { precision: 0.5, recall: 0.5, f1: 0.5, support: 8 },
      },
      confusionMatrix: [
        [37, 1, 2],
        [1, 27, 2],
        [3, 1, 4],
      ],
      support,
      baselines: { majority: score(0.513), ridge: score(0.752) },
    },
    set: {
      schema: 1,
      name: "mix",
      classes,
      parts: {
        train: { count: 311, perClass: { neutral: 160, happy: 120, sad: 31 }, groups: 90 },
        test: { count: 78, perClass: support, groups: 23 },
      },
      policy: "subject",
      seed: 7,
      image: { size: 48, channels: 1, dtype: "uint8", fit: "stretch", wholeImage: false },
      groupKind: "subject",
      imageKind: "crop",
      dropped: { contempt: 18 },
      sources: [{ adapter: "ckplus", form: "folders", groupSpace: "ckplus", fingerprint: "cd".repeat(32) }],
      leaks: { exact: 0, near: 0, groups: 0, conflicts: 0 },
      fingerprint: "ab".repeat(32),
      version: "0.1.0",
    },
    citations: [{ what: "CK+", text: "P. Lucey et al.: The Extended Cohn-Kanade Dataset (CK+). CVPRW 2010." }],
    environment: { machine: "2 cores, x64", system: "Linux" },
    date: new Date("2026-01-02T03:04:05Z"),
  };
}

/** The same images in three folds. */
export function foldedReportData(): ReportData {
  const data = reportData();
  const all = { count: 78, perClass: data.metrics!.support, groups: 23 };
  const third = { count: 26, perClass: { neutral: 13, happy: 10, sad: 3 }, groups: 8 };
  const leaks = { exact: 0, near: 0, groups: 0, conflicts: 0 };
  const fold = {
    name: null,
    train: { count: 52, perClass: { neutral: 27, happy: 20, sad: 5 }, groups: 15 },
    val: null,
    test: third,
    leaks,
  };
  const spread = { mean: 0.871, deviation: 0.034 };
  return {
    ...data,
    config: { ...data.config, folds: [1, 2, 3] },
    set: { ...data.set!, parts: { all }, folds: [fold, fold, fold], policy: "subject-kfold" },
    model: null,
    outcome: null,
    history: [],
    metrics: {
      ...data.metrics!,
      part: "folds",
      folds: [0.84, 0.87, 0.91].map((accuracy, at) =>
        Object.assign(score(accuracy), { fold: at + 1, count: 26, loss: 0.5 }),
      ),
      spread: { accuracy: spread, balancedAccuracy: spread, macroF1: spread },
    },
  };
}

/** Intervals as the bootstrap of 23 groups may give them. */
export const INTERVALS: Intervals = {
  units: "groups",
  unitCount: 23,
  resamples: 2000,
  seed: 1,
  accuracy: [0.77, 0.95],
  balancedAccuracy: [0.7, 0.9],
  macroF1: [0.68, 0.9],
  top2Accuracy: [0.9, 1],
  calibrationError: [0.03, 0.12],
  f1: { neutral: [0.85, 0.96], sad: null },
};
