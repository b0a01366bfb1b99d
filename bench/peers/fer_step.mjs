/** Our training step for bench/engines.mjs: fer_step.mjs <net> <batch> <engine> [precision]. Protocol as keras_step.py. */
import { createInterface } from "node:readline";
import { architectures, selectEngine } from "@fer/model";
import * as tf from "@tensorflow/tfjs";
import { batchOf, stepOptions } from "./fer_case.mjs";

const [net, batchText, engineName, precision = "float32"] = process.argv.slice(2);
const batch = Number(batchText);

function mini() {
  const { layers } = tf;
  const convolutions = [16, 32, 64].flatMap((filters, i) => [
    layers.conv2d({
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      ...(i === 0 ? { inputShape: [48, 48, 1] } : {}),
    }),
    layers.maxPooling2d({ poolSize: 2 }),
  ]);
  return tf.sequential({
    layers: [
      ...convolutions,
      layers.flatten(),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: 7, activation: "softmax" }),
    ],
  });
}

const model = net === "mini" ? mini() : architectures[net].build();
const { engine } = await selectEngine(engineName);
const step = await engine.prepare(stepOptions(model, { precision }));
const data = batchOf(batch);
const run = () => step.step(data, { learningRate: 1e-3 });

for (let i = 0; i < 2; i++) await run();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const steps = Number(line);
  const started = performance.now();
  for (let i = 0; i < steps; i++) await run();
  process.stdout.write(`${(1000 * batch * steps) / (performance.now() - started)}\n`);
}
step.dispose();
