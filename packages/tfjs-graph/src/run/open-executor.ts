/** Engines that run compiled graphs, by name. */
import { GraphError } from "../errors.js";
import { OnnxTarget } from "../onnx/target.js";
import { loadOnnxRuntime } from "../onnx/runtime.js";
import type { Peephole } from "../peepholes/index.js";
import { Executor } from "../runtime/executor.js";
import type { Precision } from "../tensorflow/lowering.js";
import { tensorFlowRuntime, type TensorFlowRuntime } from "../tensorflow/runtime.js";
import { TensorFlowTarget } from "../tensorflow/target.js";

export type CompiledEngine = "tensorflow" | "onnx" | "webgpu";

export interface ExecutorOptions {
  engine: CompiledEngine;
  /** For `tensorflow`: what `loadTensorFlow` gave. Looked for where left out. */
  runtime?: TensorFlowRuntime;
  /**
   * For `tensorflow`: "bfloat16" computes and keeps activations in bfloat16; weights, statistics and loss of a training
   * step stay float32.
   */
  precision?: Precision;
  /** Rewrites to leave out, to find a wrong one; `print` shows what they are given. */
  peepholesOff?: readonly Peephole[];
}

/** @throws GraphError where the runtime is absent or does not load, or has not the precision. */
export async function openExecutor(options: ExecutorOptions): Promise<Executor> {
  const { engine, precision = "float32", peepholesOff } = options;
  if (engine === "tensorflow") {
    const runtime = await tensorFlowRuntime(options.runtime);
    return new Executor(new TensorFlowTarget({ runtime, precision, peepholesOff }));
  }
  assertPrecision(engine, precision);
  await loadOnnxRuntime();
  return new Executor(new OnnxTarget(engine === "onnx" ? "cpu" : "webgpu", peepholesOff));
}

/** Throws where an engine other than TensorFlow is asked for bfloat16. */
export function assertPrecision(engine: string, precision: Precision = "float32"): void {
  if (precision === "float32") return;
  throw new GraphError({
    code: "UNSUPPORTED_PRECISION",
    subject: `engine ${engine}`,
    found: `it cannot compute in ${precision}`,
    expected: "float32",
    fix: "Leave precision out, or use the engine tensorflow",
  });
}
