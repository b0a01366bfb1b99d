/** Small nets, seeded weights and batches for tests. */
import type { Batch } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";

/** Mulberry32: a small seeded generator of [0, 1). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything that the original nets have, in small: `[12, 12, 1]` -> 3 classes. */
export function smallNet(): tf.LayersModel {
  const { layers } = tf;
  const padding = "same";
  return tf.sequential({
    layers: [
      layers.conv2d({
        name: "conv_a",
        inputShape: [12, 12, 1],
        filters: 4,
        kernelSize: [3, 1],
        padding,
        useBias: false,
      }),
      layers.batchNormalization({ name: "bn_a" }),
      layers.activation({ name: "relu_a", activation: "relu" }),
      layers.maxPooling2d({ name: "pool_a", poolSize: 2 }),
      layers.dropout({ name: "drop_a", rate: 0.25 }),
      layers.conv2d({ name: "conv_b", filters: 5, kernelSize: 3, padding, activation: "relu" }),
      layers.maxPooling2d({ name: "pool_b", poolSize: 3, strides: 2, padding }),
      layers.flatten({ name: "flat" }),
      layers.dense({ name: "hidden", units: 8, kernelRegularizer: tf.regularizers.l2({ l2: 1e-2 }) }),
      layers.activation({ name: "relu_b", activation: "relu" }),
      layers.dropout({ name: "drop_b", rate: 0.5 }),
      layers.dense({ name: "out", units: 3, activation: "softmax" }),
    ],
  });
}

/** Kernels uniform as Glorot's, scales and variances 1, the rest 0; the same for a seed everywhere. */
export function withSeededWeights(model: tf.LayersModel, seed: number): tf.LayersModel {
  const random = generator(seed);
  model.setWeights(
    model.weights.map(({ name, shape }) => {
      const size = tf.util.sizeFromShape(shape as number[]);
      const outputs = shape.at(-1)!;
      const limit = Math.sqrt(6 / (size / outputs + outputs));
      const isOne = /gamma|variance/.test(name);
      const isKernel = name.includes("kernel");
      const values = Float32Array.from({ length: size }, () => {
        if (isKernel) return (random() * 2 - 1) * limit;
        return isOne ? 1 : 0;
      });
      return tf.tensor(values, shape as number[]);
    }),
  );
  return model;
}

/** `count` rows of random bytes with labels in turn. */
export function batchOf(count: number, seed: number, row = 144, classes = 3): Batch {
  const random = generator(seed);
  const inputs = Uint8Array.from({ length: count * row }, () => Math.floor(random() * 256));
  const labels = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) labels[i * classes + ((i + seed) % classes)] = 1;
  return { inputs, labels, count };
}
