/** Models in the files of Keras. */
export { loadKerasModel } from "./load-keras-model.js";
export { saveKerasModel } from "./save-keras-model.js";
export { kerasArchitecture } from "./write-architecture.js";
