/**
 * As the original framework (anas2020deep) trained: raw pixels without augmentation, batches of 512, 100 epochs, the best
 * of them by validation accuracy, the rate halved after 50 epochs without improvement. Its network was `fer-cnn` with
 * Adam at Keras' rate of 0.001; `fer-cnn-small`, where that is asked for, had SGD with Nesterov momentum (its decay of
 * 1e-6 a step is left out beside the plateau: by the end it lowers the rate by 0.6 % on FER2013, by 0.01 % on CK+). It split in ten
 * stratified folds of seed 8: `fer assemble --split kfold --folds 10 --seed 8`. Validation is carved out of train here; the
 * original chose its epoch on the fold that it tested.
 *
 * Measured: not yet.
 */
import type { Recipe, Settings } from "./recipe.js";

const settings: Settings = {
  architecture: "fer-cnn",
  epochs: 100,
  batchSize: 512,
  optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  learningRate: 0.001,
  schedule: { name: "plateau", factor: 0.5, patience: 50, floor: 1e-4 },
  weightDecay: 0,
  labelSmoothing: 0,
  augmentation: null,
  standardize: false,
  views: 1,
  monitor: "val_accuracy",
  weights: "best",
};

export const original: Recipe = {
  name: "original",
  title: "as the original framework trained fer-cnn, or fer-cnn-small if named",
  settings: { small: settings, medium: settings, large: settings },
  otherwise: { "fer-cnn-small": { optimizer: { name: "sgd", momentum: 0.9, nesterov: true } } },
  votesShare: null,
  measured: [],
};
