/** Model files that other tools read. */
export { writeAtomic } from "@fer/core";
export { kerasJson, modelFromKerasJson } from "./keras-architecture.js";
export { loadKerasModel, saveKerasModel } from "./keras-model.js";
export { decodeKerasWeights, encodeKerasWeights, KERAS_VERSION } from "./keras-weights.js";
export type { KerasWeights, LayerWeights, NamedTensor } from "./keras-weights.js";
export { readModelWeights, writeModelWeights } from "./model-weights.js";
