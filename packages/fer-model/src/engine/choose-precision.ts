/** Which precision a step is prepared in: what was asked for where the engine is good at it, never another one. */
import { EngineError } from "@fer/core";
import type { EngineStatus, Precision } from "./engine.js";

export interface ChosenPrecision {
  precision: Precision;
  /** One sentence, for the run and whoever started it. */
  reason: string;
}

/**
 * The precision of a step on an engine. `auto` takes bfloat16 where the engine computes it fast, else float32.
 *
 * @param status What the engine's `probe` gave.
 * @throws {@link EngineError} where bfloat16 is asked for and the engine has none, or is slower in it than in float32.
 *
 * @example
 * ```ts
 * import { choosePrecision, selectEngine } from "@fer/model";
 *
 * const { status } = await selectEngine("cpu");
 * console.log(choosePrecision(status, "auto").precision); // float32
 * ```
 */
export function choosePrecision(status: EngineStatus, asked: Precision | "auto"): ChosenPrecision {
  const { name, precisions = ["float32"], bfloat16 = "the engine has float32 only" } = status;
  if (asked === "auto") {
    const precision = precisions.includes("bfloat16") ? "bfloat16" : "float32";
    return { precision, reason: `bfloat16: ${bfloat16}` };
  }
  if (precisions.includes(asked)) return { precision: asked, reason: "asked for" };
  throw new EngineError({
    code: "NO_SUCH_PRECISION",
    subject: `engine ${name}`,
    found: `bfloat16: ${bfloat16}`,
    expected: "the engine tensorflow, on a processor or GPU that computes bfloat16 at least as fast as float32",
    fix: "Leave precision out",
    context: { engine: name, asked },
  });
}
