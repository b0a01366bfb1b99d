/**
 * What the recipes for thousands of faces have in common: a residual network with squeeze and excitation and SiLU, Muon
 * along a cosine, crops, a moving average of the weights. Taken together from what is published and two screens of a few
 * minutes on a validation part of FER2013 (`bench/recipes.md`); what each option brings was not measured.
 */
import type { Settings } from "./recipe.js";

/** @param width Channels of the first convolution: cost and weights grow with its square. */
export const residual = (width: number): Settings => ({
  architecture: "resnet",
  net: { width, depth: 2, squeezeExcitation: true, activation: "silu" },
  precision: "auto",
  batchSize: 128,
  optimizer: { name: "muon", beta: 0.95, steps: 5, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  learningRate: 0.004,
  weightDecay: 0.15,
  schedule: { name: "cosine", warmup: 0.1 },
  ema: 0.999,
  labelSmoothing: 0.1,
  crop: 40,
  // The crop is the shift.
  augmentation: { flip: true, shift: 0, rotate: 20, zoom: 0.2, contrast: 0.2, brightness: 0.1, erase: 0.25 },
  views: 10,
});
