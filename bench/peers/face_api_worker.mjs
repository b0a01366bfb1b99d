/** The thread of `face_api.mjs`. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { classes } from "./face_api.mjs";
import { answerBatches } from "./in_worker.mjs";
import { wasmOf } from "./wasm_of.mjs";

const { home } = workerData;
const require = createRequire(join(home, "package.json"));
const tf = await wasmOf(home, require);
const api = require(join(home, "node_modules/@vladmandic/face-api/dist/face-api.node-wasm.js"));
const net = api.nets.faceExpressionNet;
await net.loadFromDisk(join(home, "node_modules/@vladmandic/face-api/model"));

answerBatches(async ({ images, count, size, channels }) => {
  const all = tf.tensor(Float32Array.from(images), [count, size, size, channels]);
  const faces = tf.unstack(all);
  try {
    const found = [await net.predictExpressions(faces.length === 1 ? faces[0] : faces)].flat();
    return Float32Array.from(found.flatMap((expressions) => classes.map((each) => expressions[each])));
  } finally {
    tf.dispose([all, faces]);
  }
});
