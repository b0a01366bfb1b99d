/** Engines that run the step op by op on a tfjs backend. */
import { EngineError } from "@fer/core";
import { compileTrainStep, tf } from "@fer/tfjs-graph";
import type { Engine, EngineName } from "./engine.js";
import { assertOneTensorFlow } from "./one-tensorflow.js";

/** In what eager engines differ. */
export interface EagerEngineDefinition {
  name: EngineName;
  /** Name of the tfjs backend. */
  backend: "wasm" | "cpu";
  /** What it runs on. */
  device: string;
  /** Registers the backend; throws where that cannot be done. Called once. @returns its version. */
  load(): Promise<string>;
  /** What to do where it cannot be loaded. */
  install: string;
}

/** An engine that computes op by op on a tfjs backend, which is registered at its first use. */
export function eagerEngine(definition: EagerEngineDefinition): Engine {
  const { name, backend, device, install } = definition;
  let loading: Promise<string> | undefined;
  const load = (): Promise<string> => (loading ??= activate(definition));
  return {
    name,
    async probe() {
      try {
        return { name, available: true, device, version: await load(), precisions: ["float32"] };
      } catch (error) {
        return { name, available: false, reason: firstLine(error), install };
      }
    },
    async prepare(options) {
      // A second copy may have come since.
      assertOneTensorFlow();
      try {
        await load();
      } catch (cause) {
        throw new EngineError({
          code: "ENGINE_UNAVAILABLE",
          subject: `engine ${name}`,
          found: firstLine(cause),
          fix: install,
          cause,
        });
      }
      return compileTrainStep({ ...options, engine: backend });
    },
  };
}

async function activate({ backend, load }: EagerEngineDefinition): Promise<string> {
  assertOneTensorFlow();
  const version = await load();
  const before = tf.engine().backendName as string | undefined;
  if (!(await tf.setBackend(backend))) throw new Error(`the tfjs backend "${backend}" does not start`);
  // Probing must not change what a caller's own tensors run on.
  if (before !== undefined && before !== backend) await tf.setBackend(before);
  return version;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!;
}
