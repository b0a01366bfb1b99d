/** The thread of `human.mjs`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { answerBatches } from "./in_worker.mjs";
import { wasmOf } from "./wasm_of.mjs";

const { home } = workerData;
const tf = await wasmOf(home, createRequire(join(home, "package.json")));
const models = join(home, "node_modules/@vladmandic/human/models");
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(models, "emotion.json"), "utf8"));
const bytes = readFileSync(join(models, "emotion.bin"));
const model = await tf.loadGraphModel({
  load: async () => ({
    modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: Uint8Array.from(bytes).buffer,
  }),
});

answerBatches(({ images, count, size }) =>
  tf.tidy(() => {
    const grey = tf.tensor(Float32Array.from(images), [count, size, size, 1]).div(255);
    const input = tf.image.resizeBilinear(grey, [64, 64]);
    return model.execute(input.sub(0.5).mul(2)).dataSync().slice();
  }),
);
