/** Whether onnxruntime's WebGPU provider runs here. */
import { GraphBuilder } from "./graph-builder.js";
import { findGraphicsDevice, type GraphicsDevice } from "./graphics-device.js";
import { loadOnnxRuntime } from "./runtime.js";
import { startSession } from "./session.js";

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
  const runtime = loadOnnxRuntime();
  if (!runtime.listSupportedBackends().some(({ name }) => name === "webgpu")) {
    return { none: `onnxruntime-node has no WebGPU for ${process.platform} ${process.arch}` };
  }
  const device = findGraphicsDevice();
  if ("none" in device) return device;
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [1]);
  builder.output("y", builder.op("Add", [x, builder.scalar(1)]), "float32", [1]);
  try {
    const session = await startSession(runtime, builder.finish("probe"), { executionProviders: ["webgpu"] });
    const { y } = await session.run({ x: new runtime.Tensor("float32", Float32Array.of(1), [1]) });
    await session.release();
    return y!.data[0] === 2 ? device : { none: `${device.name}: 1 + 1 gives ${String(y!.data[0])}` };
  } catch (error) {
    return { none: `${device.name}: ${reason(error)}` };
  }
}

/** onnxruntime's messages start with the place in its source. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /Failed to get a WebGPU adapter: [^.]*/.exec(message)?.[0] ?? message;
}
