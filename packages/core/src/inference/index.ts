/** From raw pixels to what a network takes, and from what it gives to what is said. Nothing here needs Node. */
export { benchFor, PixelBench, standardize } from "./pixels.js";
export type { Affine, Picture, Tone } from "./pixels.js";
export { imageViews, prepareInput, rawPixels, VIEWS } from "./prepare-input.js";
export type { NetworkInput, Viewing } from "./prepare-input.js";
export { cropOf } from "./crop-of.js";
export { argMaxRows, labelLoss, softened } from "./probabilities.js";
export { calibrated, predictionsOf } from "./predictions.js";
export type { NetworkResult, Prediction } from "./predictions.js";
