/** tfjs in plain JavaScript: slow, on every machine, and the reference that other engines are compared with. */
import { tf } from "@fer/tfjs-graph";
import { eagerEngine } from "./eager.js";

export const cpu = eagerEngine({
  name: "cpu",
  backend: "cpu",
  device: "CPU, plain JavaScript",
  load: () => Promise.resolve(tf.version["tfjs-core"]),
  install: "It is part of @tensorflow/tfjs: npm install @tensorflow/tfjs",
});
