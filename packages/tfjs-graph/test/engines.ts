/** The engines that can run here, for `describe.each`; those that cannot are visibly skipped. */
import {
  compileTrainStep,
  findTensorFlow,
  loadTensorFlow,
  type PreparedStep,
  type TensorFlowRuntime,
  type TrainStepSettings,
} from "@fer/tfjs-graph";

export type StepOptions = Required<Pick<TrainStepSettings, "model" | "optimizer" | "loss" | "input" | "seed">> &
  Pick<TrainStepSettings, "precision" | "peepholesOff" | "inputShape" | "frozen">;

const found = findTensorFlow();

/** TensorFlow, where it has been set up (FER_TENSORFLOW, the cache, or an installed tfjs-node-gpu). */
export const tensorFlow: TensorFlowRuntime | null = found === null ? null : await loadTensorFlow(found);

export interface TestEngine {
  name: TrainStepSettings["engine"];
  available: boolean;
  prepare(options: StepOptions): Promise<PreparedStep>;
}

const testEngine = (name: TestEngine["name"], available = true): TestEngine => ({
  name,
  available,
  prepare: (options) =>
    compileTrainStep({ ...options, engine: name, ...(name === "tensorflow" && { runtime: tensorFlow! }) }),
});

export const engines: TestEngine[] = [
  testEngine("tensorflow", tensorFlow !== null),
  testEngine("onnx"),
  testEngine("wasm"),
  testEngine("cpu"),
];
