/** All engines by name. A new one is a file beside these and a line here. */
import { EngineError } from "@fer/core";
import { cpu } from "./cpu.js";
import type { Engine, EngineName } from "./engine.js";
import { onnx } from "./onnx.js";
import { tensorflow } from "./tensorflow.js";
import { webgpu } from "./webgpu.js";
import { wasm } from "./wasm.js";

export const engines: Partial<Record<EngineName, Engine>> = { tensorflow, onnx, webgpu, wasm, cpu };

/** The engine of this name. */
export function engineNamed(name: EngineName): Engine {
  const engine = engines[name];
  if (engine === undefined) {
    throw new EngineError({
      code: "ENGINE_UNAVAILABLE",
      subject: `engine ${name}`,
      found: "this version does not have it yet",
      expected: `one of ${Object.keys(engines).join(", ")}`,
    });
  }
  return engine;
}
