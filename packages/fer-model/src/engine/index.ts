/** All engines by name. A new one is a file beside these, a line here and its name in `ENGINES`. */
import { cpu } from "./cpu.js";
import type { Engine, EngineName } from "./engine.js";
import { onnx } from "./onnx.js";
import { tensorflow } from "./tensorflow.js";
import { webgpu } from "./webgpu.js";
import { wasm } from "./wasm.js";

export const engines: Readonly<Record<EngineName, Engine>> = { tensorflow, onnx, webgpu, wasm, cpu };
