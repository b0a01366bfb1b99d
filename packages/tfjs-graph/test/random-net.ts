/** Random small classifiers for the fuzzer: every seed gives the same net on every machine. */
import * as tf from "@tensorflow/tfjs";
import { SpatialDropout2D } from "@fer/tfjs-graph";
import { generator } from "./nets.ts";

type Symbol = tf.SymbolicTensor;

export interface Dice {
  chance(probability: number): boolean;
  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
}

export function dice(seed: number): Dice {
  const random = generator(seed);
  return {
    chance: (probability) => random() < probability,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
    pick: (choices) => choices[Math.floor(random() * choices.length)]!,
  };
}

const activations = [
  "relu",
  "relu6",
  "elu",
  "selu",
  "sigmoid",
  "tanh",
  "swish",
  "gelu",
  "hardSigmoid",
  "softplus",
  "linear",
] as const;

type Block = (x: Symbol, roll: Dice) => Symbol;

const sizeOf = (x: Symbol): [number, number, number] => x.shape.slice(1) as [number, number, number];
const apply = (layer: tf.layers.Layer, x: Symbol | Symbol[]): Symbol => layer.apply(x) as Symbol;

function conv(x: Symbol, roll: Dice, filters = roll.between(2, 5), isSameSize = false): Symbol {
  const [h, w] = sizeOf(x);
  const isDilated = !isSameSize && roll.chance(0.15) && Math.min(h, w) >= 5;
  const fits = h >= 3 && w >= 3 && !isSameSize;
  return apply(
    tf.layers.conv2d({
      filters,
      kernelSize: [roll.between(1, Math.min(3, h)), roll.between(1, Math.min(3, w))],
      padding: fits && roll.chance(0.3) ? "valid" : "same",
      strides: isSameSize || isDilated ? 1 : [roll.pick([1, 1, 2]), roll.pick([1, 1, 2])],
      ...(isDilated ? { dilationRate: 2, padding: "same" as const } : {}),
      activation: roll.pick(activations),
      useBias: roll.chance(0.7),
      ...(roll.chance(0.2) ? { kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }) } : {}),
    }),
    x,
  );
}

/** Blocks from images to images. */
const blocks: Record<string, Block> = {
  conv: (x, roll) => conv(x, roll),
  depthwise: (x, roll) =>
    apply(
      tf.layers.depthwiseConv2d({
        kernelSize: roll.between(1, 3),
        padding: "same",
        depthMultiplier: roll.between(1, 2),
      }),
      x,
    ),
  separable: (x, roll) =>
    apply(
      tf.layers.separableConv2d({ filters: roll.between(2, 4), kernelSize: 3, padding: "same", activation: "relu" }),
      x,
    ),
  batchNorm: (x, roll) => apply(tf.layers.batchNormalization({ scale: roll.chance(0.8), center: roll.chance(0.8) }), x),
  activation: (x, roll) => apply(tf.layers.activation({ activation: roll.pick(activations) }), x),
  leakyRelu: (x) => apply(tf.layers.leakyReLU({ alpha: 0.2 }), x),
  prelu: (x) => apply(tf.layers.prelu({ alphaInitializer: "randomUniform" }), x),
  dropout: (x, roll) => apply(tf.layers.dropout({ rate: roll.pick([0.1, 0.25, 0.5]) }), x),
  spatialDropout: (x) => apply(new SpatialDropout2D({ rate: 0.25 }), x),
  maxPool: (x, roll) =>
    apply(tf.layers.maxPooling2d({ poolSize: roll.between(1, 3), strides: roll.between(1, 3), padding: "same" }), x),
  averagePool: (x, roll) => {
    const [h, w] = sizeOf(x);
    const poolSize = roll.between(1, Math.min(3, h, w));
    return apply(tf.layers.averagePooling2d({ poolSize, strides: roll.between(1, 2), padding: "valid" }), x);
  },
  upSampling: (x, roll) => {
    const [h, w] = sizeOf(x);
    return h * w > 60 ? x : apply(tf.layers.upSampling2d({ size: [roll.between(1, 2), roll.between(1, 2)] }), x);
  },
  padding: (x, roll) =>
    apply(
      tf.layers.zeroPadding2d({
        padding: [
          [roll.between(0, 1), 1],
          [0, roll.between(0, 2)],
        ],
      }),
      x,
    ),
  residual: (x, roll) => {
    const [, , channels] = sizeOf(x);
    const other = conv(x, roll, channels, true);
    const merge = roll.pick([tf.layers.add, tf.layers.multiply, tf.layers.average, tf.layers.maximum]);
    return apply(merge({}), [x, other]);
  },
  concatenate: (x, roll) => apply(tf.layers.concatenate(), [x, conv(x, roll, 2, true)]),
  squeezeAndExcite: (x, roll) => {
    const [, , channels] = sizeOf(x);
    let gate = apply(tf.layers.globalAveragePooling2d({}), x);
    gate = apply(tf.layers.dense({ units: 2, activation: roll.pick(["relu", "swish"]) }), gate);
    gate = apply(tf.layers.dense({ units: channels, activation: "sigmoid" }), gate);
    return apply(tf.layers.multiply(), [x, apply(tf.layers.reshape({ targetShape: [1, 1, channels] }), gate)]);
  },
};

/** A net of 2 to 6 random blocks, a random head, and softmax over 3 classes. */
export function randomNet(seed: number): { model: tf.LayersModel; blocks: string[] } {
  const roll = dice(seed);
  const input = tf.input({ shape: [roll.between(5, 8), roll.between(5, 8), roll.between(1, 3)] });
  let x = input;
  const used: string[] = [];
  for (let i = roll.between(2, 6); i > 0; i--) {
    const name = roll.pick(Object.keys(blocks));
    used.push(name);
    x = blocks[name]!(x, roll);
  }
  const head = roll.pick(["flatten", "globalAverage", "globalMax"]);
  used.push(head);
  if (head === "flatten") x = apply(tf.layers.flatten(), x);
  if (head === "globalAverage") x = apply(tf.layers.globalAveragePooling2d({}), x);
  if (head === "globalMax") x = apply(tf.layers.globalMaxPooling2d({}), x);
  if (roll.chance(0.5))
    x = apply(tf.layers.dense({ units: roll.between(3, 6), activation: roll.pick(activations) }), x);
  if (roll.chance(0.3)) x = apply(tf.layers.batchNormalization({}), x);
  x = apply(tf.layers.dense({ units: 3, activation: "softmax" }), x);
  return { model: tf.model({ inputs: input, outputs: x }), blocks: used };
}

/** Every kind of block that the fuzzer can draw. */
export const blockNames = Object.keys(blocks);
