export { capture } from "./capture/capture.js";
export type { CaptureOptions, Outputs } from "./capture/capture.js";
export type { Graph, GraphNode, InputSpec, Value, ValueType } from "./capture/graph.js";
export { print } from "./capture/print.js";
export { GraphError } from "./errors.js";
export { modelGraph } from "./export/model-graph.js";
export type { ModelGraph, ModelGraphOptions } from "./export/model-graph.js";
export { onnxFile } from "./export/onnx-file.js";
export { savedModelFile, tfjsGraphModel } from "./export/tensorflow-files.js";
export { SpatialDropout2D } from "./layers/dropout.js";
export type { GraphicsDevice } from "./onnx/graphics-device.js";
export { probeWebGpu } from "./onnx/probe-webgpu.js";
export { INSTALL_ONNXRUNTIME, loadOnnxRuntime } from "./onnx/runtime.js";
export type { OnnxRuntimeInfo } from "./onnx/runtime.js";
export type { Peephole } from "./peepholes/index.js";
export { compile } from "./run/compile.js";
export type { CompiledFunction, CompileOptions } from "./run/compile.js";
export { compileGraph } from "./run/compile-graph.js";
export type { CompiledGraph } from "./run/compile-graph.js";
export { compileTrainStep } from "./run/compile-train-step.js";
export type { TrainStepSettings } from "./run/compile-train-step.js";
export type { HostArray } from "./runtime/host.js";
export type {
  Batch,
  HostTensor,
  InputScaling,
  LossOptions,
  OptimizerOptions,
  PreparedStep,
  StepControls,
  StepResult,
  StepState,
} from "./step.js";
export { bfloat16Speed } from "./tensorflow/bfloat16-speed.js";
export type { Bfloat16Speed } from "./tensorflow/bfloat16-speed.js";
export type { Precision } from "./tensorflow/lowering.js";
export { findTensorFlow, loadTensorFlow } from "./tensorflow/runtime.js";
export type { FoundTensorFlow, TensorFlowRuntime } from "./tensorflow/runtime.js";
export { tf } from "./tf.js";
