export { capture } from "./capture/capture.js";
export type { CaptureOptions, Outputs } from "./capture/capture.js";
export { consumers, opCounts, producers } from "./capture/graph.js";
export type {
  Attribute,
  Attributes,
  Graph,
  GraphConstant,
  GraphInput,
  GraphNode,
  GraphVariable,
  InputSpec,
  Value,
  ValueType,
} from "./capture/graph.js";
export { print, toJSON } from "./capture/print.js";
export { prepareEager } from "./eager/prepare-eager.js";
export type { EagerOptions } from "./eager/prepare-eager.js";
export { GraphError } from "./errors.js";
export { rebuild } from "./layers/rebuild.js";
export type { ModelWeight, RebuiltModel } from "./layers/rebuild.js";
export { SpatialDropout2D } from "./layers/dropout.js";
export type {
  Batch,
  HostTensor,
  InputScaling,
  LossOptions,
  OptimizerOptions,
  PreparedStep,
  StepResult,
  StepState,
} from "./step.js";
export { TrainStep } from "./train/train-step.js";
export type { StepInputs, StepOutputs, StepVariable, TrainStepOptions } from "./train/train-step.js";
export { compileOnnx } from "./onnx/compile-onnx.js";
export type { CompiledOnnx, CompileOnnxOptions } from "./onnx/compile-onnx.js";
export { ONNX_PEEPHOLES } from "./onnx/peepholes/index.js";
export type { OnnxPeephole } from "./onnx/peepholes/index.js";
export { prepareOnnx } from "./onnx/prepare-onnx.js";
export type { OnnxOptions, OnnxStep } from "./onnx/prepare-onnx.js";
export type { GraphicsDevice } from "./onnx/graphics-device.js";
export { probeWebGpu } from "./onnx/probe-webgpu.js";
export { INSTALL_ONNXRUNTIME, loadOnnxRuntime, onnxRuntimeVersion } from "./onnx/runtime.js";
export { findTensorFlow, loadTensorFlow } from "./tensorflow/runtime.js";
export type { FoundTensorFlow, TensorFlowRuntime } from "./tensorflow/runtime.js";
export { bfloat16Speed, processorFlags } from "./tensorflow/bfloat16-speed.js";
export type { Bfloat16Speed } from "./tensorflow/bfloat16-speed.js";
export type { Precision } from "./tensorflow/lowering.js";
export { prepareTensorFlow } from "./tensorflow/prepare-tensorflow.js";
export type { TensorFlowOptions, TensorFlowStep } from "./tensorflow/prepare-tensorflow.js";
export { TENSORFLOW_PEEPHOLES } from "./tensorflow/peepholes/index.js";
export type { TensorFlowPeephole } from "./tensorflow/peepholes/index.js";
export { compileTensorFlow } from "./tensorflow/compile-tensorflow.js";
export type { CompiledTensorFlow, CompileTensorFlowOptions } from "./tensorflow/compile-tensorflow.js";
export { compile } from "./run/compile.js";
export type { CompiledFunction, CompileOptions } from "./run/compile.js";
export { compilePredict, compileTrainStep } from "./run/compile-train-step.js";
export type { CompiledPrediction, TrainStepSettings } from "./run/compile-train-step.js";
export type { CompiledEngine } from "./run/executor.js";
export { tf } from "./tf.js";
