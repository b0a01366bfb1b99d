/**
 * Chooses the engine. `auto` takes the first that works of: tensorflow on CUDA, webgpu on a real GPU, tensorflow on
 * CPU, onnx, wasm, cpu. What was passed over is part of the reason.
 */
import { EngineError } from "@fer/core";
import { engines } from "./index.js";
import type { Engine, EngineName, EngineStatus } from "./engine.js";

/** An engine that works here, and why it was taken. */
export interface SelectedEngine {
  engine: Engine;
  status: EngineStatus;
  /** One sentence, stored in the run. */
  reason: string;
}

/** Software renderers pass for GPUs; a real one is anything else. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software/i;

const isGpu = (status: EngineStatus): boolean => status.gpu === true && !SOFTWARE.test(status.device ?? "");

/** In this order; `gpu` asks for a device that is one. */
const ORDER: readonly { name: EngineName; gpu?: true }[] = [
  { name: "tensorflow", gpu: true },
  { name: "webgpu", gpu: true },
  { name: "tensorflow" },
  { name: "onnx" },
  { name: "wasm" },
  { name: "cpu" },
];

/**
 * The engine of a name, or the best that works here.
 *
 * @throws {@link EngineError} where a named engine cannot run, with the way to get it.
 *
 * @example
 * ```ts
 * import { selectEngine } from "@fer/model";
 *
 * const { engine, reason } = await selectEngine("cpu");
 * console.log(engine.name, reason); // cpu asked for
 * ```
 */
export async function selectEngine(name: EngineName | "auto"): Promise<SelectedEngine> {
  if (name !== "auto") {
    const engine = engines[name];
    const status = await engine.probe();
    if (status.available) return { engine, status, reason: "asked for" };
    throw new EngineError({
      code: "ENGINE_UNAVAILABLE",
      subject: `engine ${name}`,
      found: status.reason ?? "it cannot run here",
      ...(status.install === undefined ? {} : { fix: `To get it: ${status.install}` }),
      context: { ...status },
    });
  }
  const probed = new Map<EngineName, EngineStatus>();
  for (const { name: candidate, gpu } of ORDER) {
    const engine = engines[candidate];
    const status = probed.get(candidate) ?? (await engine.probe());
    probed.set(candidate, status);
    if (!status.available || (gpu && !isGpu(status))) continue;
    return { engine, status, reason: reasonFor(candidate, probed) };
  }
  throw new EngineError({
    code: "NO_ENGINE",
    subject: "engine auto",
    found: [...probed.values()].map((status) => `${status.name}: ${status.reason}`).join("; "),
    fix: "Install @tensorflow/tfjs",
  });
}

function reasonFor(chosen: EngineName, probed: ReadonlyMap<EngineName, EngineStatus>): string {
  const passed = [...probed.values()].filter(({ name }) => name !== chosen);
  if (passed.length === 0) return "first choice";
  return `first that works; ${passed.map((status) => `${status.name}: ${status.reason ?? "no GPU"}`).join("; ")}`;
}
