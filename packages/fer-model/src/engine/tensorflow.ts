/**
 * The step compiled to a TensorFlow graph and run by libtensorflow, on CPU (oneDNN) or CUDA: from `fer setup
 * tensorflow`, or from an installed `@tensorflow/tfjs-node-gpu` whose addon is in place.
 */
import { EngineError } from "@fer/core";
import {
  bfloat16Speed,
  compileTrainStep,
  findTensorFlow,
  loadTensorFlow,
  type TensorFlowRuntime,
} from "@fer/tfjs-graph";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Engine } from "./engine.js";
import { assertOneTensorFlow } from "./one-tensorflow.js";

const INSTALL = "npx @fer/cli setup tensorflow";

export const tensorflow: Engine = {
  name: "tensorflow",
  async probe() {
    try {
      const runtime = await load();
      const gpu = runtime.device === "GPU";
      const device = gpu ? "GPU, CUDA" : `CPU, ${availableParallelism()} threads`;
      const { isFast, reason } = await bfloat16Speed(runtime);
      return {
        name: "tensorflow",
        available: true,
        device,
        gpu,
        version: `TensorFlow ${runtime.version}`,
        precisions: isFast ? ["float32", "bfloat16"] : ["float32"],
        bfloat16: reason,
      };
    } catch (error) {
      return { name: "tensorflow", available: false, reason: (error as Error).message, install: INSTALL };
    }
  },
  async prepare(options) {
    let runtime: TensorFlowRuntime;
    try {
      runtime = await load();
    } catch (cause) {
      const { message } = cause as Error;
      const fix = `To get it: ${INSTALL}`;
      throw new EngineError({ code: "ENGINE_UNAVAILABLE", subject: "engine tensorflow", found: message, fix, cause });
    }
    return compileTrainStep({ ...options, engine: "tensorflow", runtime });
  },
};

async function load(): Promise<TensorFlowRuntime> {
  assertOneTensorFlow();
  const found = findTensorFlow();
  if (found !== null) return loadTensorFlow(found);
  throw new Error(
    isInstalled()
      ? "@tensorflow/tfjs-node-gpu is installed, but without its addon: its install script did not run, or failed"
      : "no TensorFlow is set up",
  );
}

function isInstalled(): boolean {
  try {
    const require = createRequire(join(process.cwd(), "package.json"));
    require.resolve("@tensorflow/tfjs-node-gpu");
    return true;
  } catch {
    return false;
  }
}
