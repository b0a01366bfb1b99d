/**
 * The one TensorFlow.js of the process: the CommonJS build that `@tensorflow/tfjs` names as its main file, which is
 * also what `import "@tensorflow/tfjs"` and tfjs-node-gpu load.
 */
import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";

export const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof TensorFlow;

// tfjs' cpu backend prints an advertisement when it is first used; a library does not print. Every instance asks its
// own `firstUse`, and tfjs makes a new instance when it chooses a backend: so the answer is on the prototype.
const cpu: object | null = tf.findBackend("cpu");
if (cpu !== null) {
  delete (cpu as { firstUse?: boolean }).firstUse;
  Object.defineProperty(Object.getPrototypeOf(cpu), "firstUse", {
    get: () => false,
    set: () => {},
    configurable: true,
  });
}
