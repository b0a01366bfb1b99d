/** The step compiled to an ONNX graph and run by onnxruntime on the CPU: fast on every platform, from npm alone. */
import { EngineError } from "@fer/core";
import { compileTrainStep, GraphError, INSTALL_ONNXRUNTIME, loadOnnxRuntime } from "@fer/tfjs-graph";
import { availableParallelism } from "node:os";
import type { Engine } from "./engine.js";
import { assertOneTensorFlow } from "./one-tensorflow.js";

export const onnx: Engine = {
  name: "onnx",
  async probe() {
    try {
      assertOneTensorFlow();
      const { version } = await loadOnnxRuntime();
      return {
        name: "onnx",
        available: true,
        device: `CPU, ${availableParallelism()} threads`,
        gpu: false,
        version: `onnxruntime-node ${version}`,
        precisions: ["float32"],
      };
    } catch (error) {
      return { name: "onnx", available: false, reason: (error as Error).message, install: INSTALL_ONNXRUNTIME };
    }
  },
  async prepare(options) {
    assertOneTensorFlow();
    try {
      return await compileTrainStep({ ...options, engine: "onnx" });
    } catch (cause) {
      if (!(cause instanceof GraphError) || cause.code !== "BACKEND_UNAVAILABLE") throw cause;
      throw new EngineError({
        code: "ENGINE_UNAVAILABLE",
        subject: "engine onnx",
        found: cause.message,
        fix: `To get it: ${INSTALL_ONNXRUNTIME}`,
        cause,
      });
    }
  },
};
