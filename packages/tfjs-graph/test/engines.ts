/** The engines that can run here, for `describe.each`; those that cannot are visibly skipped. */
import {
  findTensorFlow,
  loadTensorFlow,
  prepareEager,
  prepareOnnx,
  prepareTensorFlow,
  type EagerOptions,
  type PreparedStep,
  type TensorFlowRuntime,
} from "@fer/tfjs-graph";

export type StepOptions = Omit<EagerOptions, "backend">;

/** TensorFlow, where it has been set up (FER_TENSORFLOW, the cache, or an installed tfjs-node-gpu). */
export const tensorFlow: TensorFlowRuntime | null = (() => {
  const found = findTensorFlow();
  return found === null ? null : loadTensorFlow(found);
})();

export interface TestEngine {
  name: string;
  available: boolean;
  prepare(options: StepOptions): Promise<PreparedStep>;
}

export const engines: TestEngine[] = [
  {
    name: "tensorflow",
    available: tensorFlow !== null,
    prepare: (options) => prepareTensorFlow({ ...options, runtime: tensorFlow! }),
  },
  { name: "onnx", available: true, prepare: (options) => prepareOnnx(options) },
  { name: "wasm", available: true, prepare: (options) => prepareEager({ ...options, backend: "wasm" }) },
  { name: "cpu", available: true, prepare: (options) => prepareEager({ ...options, backend: "cpu" }) },
];
