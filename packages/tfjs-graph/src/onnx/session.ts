/** Starts onnxruntime sessions. */
import type * as OnnxRuntime from "onnxruntime-node";

/** Errors only: its warnings are about optimizations it did not make. */
const LOG_ERRORS = 3;

/** What a session runs, and how. */
export interface SessionSettings extends OnnxRuntime.InferenceSession.SessionOptions {
  /** Serialized. */
  model: Uint8Array;
  /** Whether its weights are constants. */
  isFrozen?: boolean;
}

/**
 * A session of a serialized model.
 * - Level "extended" leaves out onnxruntime's blocked layouts: where weights are inputs, only pools would change to them
 *   and back, which costs more than it gives. Where they are constants (`isFrozen`), whole nets are blocked, which makes
 *   them up to twice as fast.
 * - A memory pattern is a second arena beside the one that the first run has filled; without it steps are as fast and
 *   take half the memory.
 */
export function startSession(
  runtime: typeof OnnxRuntime,
  { model, isFrozen = false, ...options }: SessionSettings,
): Promise<OnnxRuntime.InferenceSession> {
  return runtime.InferenceSession.create(model, {
    ...options,
    graphOptimizationLevel: isFrozen ? "all" : "extended",
    enableMemPattern: false,
    logSeverityLevel: LOG_ERRORS,
    // Pad fusion moves a Pad into the pool behind it, and the pool then refuses pads as large as its window.
    extra: { ...options.extra, optimization: { disable_specified_optimizers: "Pad_Fusion" } },
  });
}
