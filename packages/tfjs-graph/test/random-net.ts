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

/** A sequence `[h * w, channels]` of the pixels, what `block` makes of it, and an image again. */
function asSequence(x: Symbol, block: (x: Symbol) => Symbol): Symbol {
  const [h, w, channels] = sizeOf(x);
  const y = block(apply(tf.layers.reshape({ targetShape: [h * w, channels] }), x));
  return apply(tf.layers.reshape({ targetShape: [h, w, y.shape[2]!] }), y);
}

const constraints = [
  () => tf.constraints.maxNorm({ maxValue: 1, axis: 0 }),
  () => tf.constraints.nonNeg(),
  () => tf.constraints.unitNorm({ axis: 0 }),
  () => tf.constraints.minMaxNorm({ minValue: 0.2, maxValue: 0.8, rate: 0.5, axis: 0 }),
];

/** Blocks of seeds from {@link FIRST_WIDE} on: lower seeds stay the nets that they were when they failed. */
const moreBlocks: Record<string, Block> = {
  // Without scale or shift, tfjs' layer reads a weight that is not there. Of one channel it leaves only rounding.
  layerNorm: (x) => (sizeOf(x)[2] === 1 ? x : apply(tf.layers.layerNormalization({}), x)),
  rareActivation: (x, roll) =>
    apply(tf.layers.activation({ activation: roll.pick(["softsign", "mish", "gelu_new", "relu6"]) }), x),
  channelSoftmax: (x) => apply(tf.layers.softmax({ axis: -1 }), x),
  boundedRelu: (x, roll) => apply(tf.layers.reLU({ maxValue: roll.pick([2, 6]) }), x),
  permute: (x) => apply(tf.layers.permute({ dims: [2, 1, 3] }), x),
  cropping: (x, roll) => {
    const [h, w] = sizeOf(x);
    if (h < 4 || w < 4) return x;
    const rows: [number, number] = [roll.between(0, 1), 1];
    return apply(tf.layers.cropping2D({ cropping: [rows, [1, roll.between(0, 1)]] }), x);
  },
  convTranspose: (x, roll) => {
    const [h, w] = sizeOf(x);
    const strides = h * w > 60 ? 1 : roll.between(1, 2);
    const padding = roll.pick(["same", "valid"] as const);
    const kernelSize = roll.between(2, 3);
    return apply(tf.layers.conv2dTranspose({ filters: roll.between(1, 3), kernelSize, strides, padding }), x);
  },
  denseOnChannels: (x, roll) =>
    apply(tf.layers.dense({ units: roll.between(2, 4), activation: roll.pick(activations) }), x),
  constrained: (x, roll) =>
    apply(
      tf.layers.conv2d({
        filters: 3,
        kernelSize: 2,
        padding: "same",
        kernelConstraint: roll.pick(constraints)(),
        kernelRegularizer: tf.regularizers.l1l2({ l1: 0.01, l2: 0.01 }),
        biasRegularizer: tf.regularizers.l1({ l1: 0.01 }),
      }),
      x,
    ),
  bilinear: (x) => {
    const [h, w] = sizeOf(x);
    // tfjs' gradient of bilinear resizing mixes up height and width: squares only.
    const side = Math.min(h, w, 6);
    const cropping: [[number, number], [number, number]] = [
      [0, h - side],
      [0, w - side],
    ];
    const square = apply(tf.layers.cropping2D({ cropping }), x);
    return apply(tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }), square);
  },
  minimum: (x, roll) => apply(tf.layers.minimum(), [x, conv(x, roll, sizeOf(x)[2], true)]),
  conv1d: (x, roll) =>
    asSequence(x, (y) =>
      apply(tf.layers.conv1d({ filters: 3, kernelSize: roll.between(1, 3), padding: "same", activation: "relu" }), y),
    ),
  pool1d: (x, roll) => {
    const pool = roll.pick([tf.layers.maxPooling1d, tf.layers.averagePooling1d]);
    const [h, w, channels] = sizeOf(x);
    if (h % 2 === 1) return x;
    const rows = apply(tf.layers.reshape({ targetShape: [h * w, channels] }), x);
    const pooled = apply(pool({ poolSize: 2, strides: 2 }), rows);
    return apply(tf.layers.reshape({ targetShape: [h / 2, w, channels] }), pooled);
  },
  repeated: (x) => {
    const [h, w, channels] = sizeOf(x);
    const mean = apply(tf.layers.globalAveragePooling2d({}), x);
    const repeated = apply(tf.layers.repeatVector({ n: h * w }), mean);
    return apply(tf.layers.add(), [x, apply(tf.layers.reshape({ targetShape: [h, w, channels] }), repeated)]);
  },
  rescaling: (x) => apply(tf.layers.rescaling({ scale: 0.5, offset: 0.1 }), x),
};

/** From this seed on, nets are made of all blocks. */
export const FIRST_WIDE = 10_000;

const blocksOf = (seed: number): Record<string, Block> => (seed < FIRST_WIDE ? blocks : { ...blocks, ...moreBlocks });

/** A net of 2 to 6 random blocks, a random head, and softmax over 3 classes. */
export function randomNet(seed: number): { model: tf.LayersModel; blocks: string[] } {
  const roll = dice(seed);
  const input = tf.input({ shape: [roll.between(5, 8), roll.between(5, 8), roll.between(1, 3)] });
  let x = input;
  const used: string[] = [];
  const table = blocksOf(seed);
  for (let i = roll.between(2, 6); i > 0; i--) {
    const name = roll.pick(Object.keys(table));
    used.push(name);
    x = table[name]!(x, roll);
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
export const blockNames = Object.keys({ ...blocks, ...moreBlocks });
