/**
 * What the recipes for thousands of faces have in common: a residual network with squeeze and excitation and SiLU, Muon
 * along a cosine, crops, a moving average of the weights. Chosen on a validation part of FER2013, in screens of a few
 * minutes.
 */
import type { Settings } from "./recipe.js";

/** @param width Channels of the first convolution: cost and weights grow with its square. */
export const residual = (width: number): Settings => ({
  architecture: "resnet",
  net: { width, depth: 2, squeezeExcitation: true, activation: "silu" },
  precision: "auto",
  batchSize: 128,
  // Three rounds are as good as five here; Adam's second decay is that of short trainings.
  optimizer: { name: "muon", beta: 0.95, steps: 3, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 },
  learningRate: 0.004,
  weightDecay: 0.15,
  schedule: { name: "cosine", warmup: 0.05 },
  ema: 0.999,
  labelSmoothing: 0.1,
  crop: 40,
  // The crop is the shift; what is covered is learned later than there is time for.
  augmentation: { flip: true, shift: 0, rotate: 20, zoom: 0.2, contrast: 0.2, brightness: 0.05, erase: 0 },
  views: 10,
});
