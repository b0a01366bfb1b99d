/**
 * The same ONNX graph as the engine onnx, run by onnxruntime's WebGPU provider: any GPU with a Vulkan, Metal or
 * Direct3D 12 driver, from npm alone. Weights and optimizer state stay on the device.
 */
import { EngineError } from "@fer/core";
import { compileTrainStep, INSTALL_ONNXRUNTIME, loadOnnxRuntime, probeWebGpu } from "@fer/tfjs-graph";
import type { Engine, EngineStatus } from "./engine.js";
import { assertOneTensorFlow } from "./one-tensorflow.js";

/** What a machine with a GPU may lack. */
const INSTALL_DRIVER = "install the Vulkan driver of the GPU and its loader (Debian: apt install libvulkan1)";

export const webgpu: Engine = {
  name: "webgpu",
  async probe(): Promise<EngineStatus> {
    try {
      assertOneTensorFlow();
      const version = `onnxruntime-node ${(await loadOnnxRuntime()).version}`;
      const found = await probeWebGpu();
      if ("none" in found)
        return { name: "webgpu", available: false, reason: found.none, version, install: INSTALL_DRIVER };
      return {
        name: "webgpu",
        available: true,
        device: found.name,
        gpu: found.isGpu,
        version,
        precisions: ["float32"],
      };
    } catch (error) {
      return { name: "webgpu", available: false, reason: (error as Error).message, install: INSTALL_ONNXRUNTIME };
    }
  },
  async prepare(options) {
    const status = await webgpu.probe();
    if (status.available) return compileTrainStep({ ...options, engine: "webgpu" });
    const { reason, install } = status;
    throw new EngineError({
      code: "ENGINE_UNAVAILABLE",
      subject: "engine webgpu",
      found: reason ?? "it cannot run here",
      fix: `To get it: ${install}`,
      context: { ...status },
    });
  },
};
