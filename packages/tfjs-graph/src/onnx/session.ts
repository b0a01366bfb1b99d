/** Starts onnxruntime sessions. */
import type * as OnnxRuntime from "onnxruntime-node";
import { GraphError } from "../errors.js";
import { encodeModel, type OnnxModel } from "./model.js";

/** Errors only: its warnings are about optimizations it did not make. */
const LOG_ERRORS = 3;

/**
 * A session of the model.
 * - Level "extended" leaves out onnxruntime's blocked layouts: weights are inputs here, so only pools would change to
 *   them and back, which costs more than it gives.
 * - A memory pattern is a second arena beside the one that the first run has filled; without it steps are as fast and
 *   take half the memory.
 */
export async function startSession(
  runtime: typeof OnnxRuntime,
  model: OnnxModel,
  options: OnnxRuntime.InferenceSession.SessionOptions,
): Promise<OnnxRuntime.InferenceSession> {
  const common = {
    graphOptimizationLevel: "extended",
    enableMemPattern: false,
    logSeverityLevel: LOG_ERRORS,
    // Pad fusion moves a Pad into the pool behind it, and the pool then refuses pads as large as its window.
    extra: { ...options.extra, optimization: { disable_specified_optimizers: "Pad_Fusion" } },
  } as const;
  try {
    return await runtime.InferenceSession.create(encodeModel(model), { ...options, ...common });
  } catch (cause) {
    throw new GraphError({
      code: "ONNX_SESSION",
      subject: "onnxruntime session",
      found: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
      fix: "Report this with the model; the eager engines wasm and cpu can train it",
      cause,
    });
  }
}
