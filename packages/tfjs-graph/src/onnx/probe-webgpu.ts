/** Whether onnxruntime's WebGPU provider runs here. */
import { capture } from "../capture/capture.js";
import { compileGraph } from "../run/compile-graph.js";
import { findGraphicsDevice, type GraphicsDevice } from "./graphics-device.js";
import { loadOnnxRuntime } from "./runtime.js";

/**
 * Starts a session of one addition on WebGPU.
 *
 * @returns the device it runs on, or why it does not.
 * @throws GraphError where onnxruntime-node is absent.
 * @example
 * ```ts
 * import { probeWebGpu } from "@fer/tfjs-graph";
 *
 * console.log(await probeWebGpu()); // such as { name: 'NVIDIA GeForce RTX 4090', isGpu: true }
 * ```
 */
export async function probeWebGpu(): Promise<GraphicsDevice | { none: string }> {
  const { providers } = await loadOnnxRuntime();
  if (!providers.includes("webgpu")) {
    return { none: `onnxruntime-node has no WebGPU for ${process.platform} ${process.arch}` };
  }
  const device = findGraphicsDevice();
  if ("none" in device) return device;
  try {
    const graph = capture((x) => ({ y: x.add(1) }), [{ name: "x", shape: [1] }]);
    const compiled = await compileGraph(graph, { engine: "webgpu" });
    const { y } = await compiled.run({ x: Float32Array.of(1) });
    await compiled.dispose();
    return y![0] === 2 ? device : { none: `${device.name}: 1 + 1 gives ${String(y![0])}` };
  } catch (error) {
    return { none: `${device.name}: ${reason(error)}` };
  }
}

/** onnxruntime's messages start with the place in its source. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /Failed to get a WebGPU adapter: [^.]*/.exec(message)?.[0] ?? message;
}
