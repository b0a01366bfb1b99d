export { batchNormTrain } from "./batch-norm-train.js";
export type { BatchNormTrainInputs, BatchNormTrainResult } from "./batch-norm-train.js";
export { clipByGlobalNorm } from "./clip-by-global-norm.js";
export { dropoutMask } from "./dropout-mask.js";
export type { DropoutMaskOptions } from "./dropout-mask.js";
export { runUpdate } from "./run-update.js";
export type { UpdateGiven } from "./run-update.js";
export { smoothLabels, softmaxCrossEntropy } from "./softmax-cross-entropy.js";
