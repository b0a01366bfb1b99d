/**
 * The one TensorFlow.js of the process: the CommonJS build that `@tensorflow/tfjs` names as its main file, which is
 * also what `import "@tensorflow/tfjs"` and tfjs-node-gpu load.
 */
import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";

export const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof TensorFlow;

// tfjs' cpu backend prints an advertisement when it is first used; a library does not print.
const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
if (cpu !== null) cpu.firstUse = false;
