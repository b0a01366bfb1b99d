/**
 * A network and a callback of one's own: any `tf.sequential` (or other `tf.LayersModel`) that takes
 * `[48, 48, 1]` images and ends in a softmax over the classes of the set.
 */
import { extract } from "@fer/dataset-extractors";
import { type Callback, FerTrainer } from "@fer/model";
import { Assembler } from "@fer/split-assembler";
import * as tf from "@tensorflow/tfjs";

const out = `${process.env["FER_OUT"] ?? "../../demo-output"}/own-architecture`;
const map = { 0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happy", 5: "sad", 6: "surprise" } as const;
await extract({ adapter: "ckplus", from: "../data/ckplus", to: `${out}/data`, options: { map } });
const set = await new Assembler({ name: "ckplus", to: `${out}/features`, split: "subject" }).assemble([`${out}/data`]);

/** 3x3 convolution, batch norm, relu, pool: half the size, `filters` channels. Seeds make runs repeatable. */
const block = (filters: number, input?: { inputShape: [number, number, number] }) => [
  tf.layers.conv2d({
    ...input,
    filters,
    kernelSize: 3,
    padding: "same",
    kernelInitializer: tf.initializers.heNormal({ seed: filters }),
  }),
  tf.layers.batchNormalization(),
  tf.layers.reLU(),
  tf.layers.maxPooling2d({ poolSize: 2 }),
];
const model = tf.sequential({
  layers: [
    ...block(16, { inputShape: [48, 48, 1] }),
    ...block(32),
    ...block(64),
    tf.layers.flatten(),
    tf.layers.dense({
      units: set.info.classes.length,
      activation: "softmax",
      kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
    }),
  ],
});
const everyFifth: Callback = {
  name: "every-fifth",
  onEpochEnd({ epoch, loss, val_accuracy }) {
    if (epoch % 5 === 0)
      console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, validation accuracy ${val_accuracy?.toFixed(3)}`);
  },
};

const run = await new FerTrainer({ epochs: 10, to: `${out}/run` }).fit(set, { model, callbacks: [everyFifth] });
console.log(`${model.countParams()} parameters, test accuracy ${run.metrics?.accuracy.toFixed(3)}`);
