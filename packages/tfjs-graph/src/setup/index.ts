export { findInstallation, installationFolder, installationOf, tensorFlowFolder } from "./installation.js";
export type { Installation, InstallationManifest } from "./installation.js";
export { checkMachine, nvidiaDriver, thisMachine } from "./platform.js";
export type { Machine } from "./platform.js";
export { TENSORFLOW_VERSION } from "./release.js";
export type { Flavour } from "./release.js";
export { removeTensorFlow, setupTensorFlow } from "./setup-tensorflow.js";
export type { SetupHooks, SetupOptions } from "./setup-tensorflow.js";
