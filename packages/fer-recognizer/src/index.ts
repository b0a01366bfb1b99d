export { blazeFace } from "./blazeface/detector.js";
export type { BlazeFaceOptions } from "./blazeface/detector.js";
export type { CompiledNetwork, Compile, NetworkFunction } from "./blazeface/network.js";
export type { ExpressionModel } from "./expression-model.js";
export type { DetectOptions, Face, FaceDetector, Point } from "./face-detector.js";
export { openPackagedModel } from "./packaged-model.js";
export type { ReadModelFile } from "./packaged-model.js";
export { Recognizer } from "./recognizer.js";
export type { RecognizedFace, RecognizerParts } from "./recognizer.js";
