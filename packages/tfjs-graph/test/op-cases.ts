/**
 * One case for each op and way of using it, for tests of the lowerings: the value and, where tfjs has one, the gradient
 * with respect to every input are compared with eager tfjs on the cpu backend.
 */
import { capture, type Graph } from "@fer/tfjs-graph";
import { batchNormTrain, focalCrossEntropy, softmaxCrossEntropy } from "@fer/tfjs-graph/ops";
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";

type Tensors = tf.Tensor[];

export interface OpCase {
  shapes: number[][];
  run: (...inputs: Tensors) => tf.Tensor;
  /** Without: tfjs has no gradient for it, or it is not continuous. */
  gradient?: false;
  /** Where values come from, [-2, 2) if left out. */
  values?: (random: () => number) => number;
  /** Largest difference on WebGPU, whose shading language promises less for some functions. */
  webgpuTolerance?: number;
}

/** float32 sums in another order. */
const TOLERANCE = 2e-5;

const image = [2, 7, 6, 3];
/** tfjs' gradients of resizing mix up height and width. */
const square = [2, 6, 6, 3];
const positive = (random: () => number): number => random() * 2 + 0.1;
/** Few distinct values: windows have ties. */
const ties = (random: () => number): number => Math.floor(random() * 3);

const unary = (run: (x: tf.Tensor) => tf.Tensor, extra: Partial<OpCase> = {}): OpCase => ({
  shapes: [[3, 4]],
  run: run as OpCase["run"],
  ...extra,
});
const conv = (filter: number[], ...args: unknown[]): OpCase => ({
  shapes: [image, filter],
  run: (x, w) => (tf.conv2d as (...a: unknown[]) => tf.Tensor)(x, w, ...args),
});
const depthwise = (filter: number[], ...args: unknown[]): OpCase => ({
  shapes: [image, filter],
  run: (x, w) => (tf.depthwiseConv2d as (...a: unknown[]) => tf.Tensor)(x, w, ...args),
});
const pool = (kind: "maxPool" | "avgPool", ...args: unknown[]): OpCase => ({
  shapes: [image],
  run: (x) => ((kind === "maxPool" ? tf.maxPool : tf.avgPool) as (...a: unknown[]) => tf.Tensor)(x, ...args),
  ...(kind === "maxPool" ? { values: ties } : {}),
});

export const opCases: Record<string, OpCase> = {
  abs: unary(tf.abs),
  ceil: unary(tf.ceil, { gradient: false }),
  clipByValue: unary((x) => tf.clipByValue(x, -1, 1)),
  cos: unary(tf.cos, { webgpuTolerance: 2 ** -11 }),
  elu: unary(tf.elu),
  erf: unary(tf.erf),
  exp: unary(tf.exp),
  expm1: unary(tf.expm1),
  floor: unary(tf.floor, { gradient: false }),
  "leaky relu": unary((x) => tf.leakyRelu(x, 0.3)),
  log: unary(tf.log, { values: positive }),
  log1p: unary(tf.log1p, { values: positive }),
  neg: unary(tf.neg),
  reciprocal: unary(tf.reciprocal, { values: positive }),
  relu: unary(tf.relu),
  relu6: unary((x) => tf.relu6(x.mul(4))),
  round: unary(tf.round, { gradient: false }),
  rsqrt: unary(tf.rsqrt, { values: positive }),
  selu: unary(tf.selu),
  sigmoid: unary(tf.sigmoid),
  sign: unary(tf.sign, { gradient: false }),
  silu: unary((x) => x.mul(tf.sigmoid(x))),
  gelu: unary((x) => x.mul(0.5).mul(tf.erf(x.div(Math.SQRT2)).add(1))),
  "hard swish": unary((x) => x.mul(tf.relu6(x.add(3))).div(6)),
  sin: unary(tf.sin, { webgpuTolerance: 2 ** -11 }),
  softplus: unary(tf.softplus),
  sqrt: unary(tf.sqrt, { values: positive }),
  square: unary(tf.square),
  step: unary((x) => tf.step(x, 0.2), { gradient: false }),
  tanh: unary(tf.tanh),
  "add, broadcast": { shapes: [[2, 3, 4], [4]], run: (a, b) => a.add(b) },
  addN: {
    shapes: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    run: (...parts) => tf.addN(parts),
  },
  "sub, broadcast": {
    shapes: [
      [3, 1],
      [1, 4],
    ],
    run: (a, b) => a.sub(b),
  },
  "mul, broadcast": {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    run: (a, b) => a.mul(b),
  },
  div: { shapes: [[3, 4], [4]], run: (a, b) => a.div(b), values: positive },
  pow: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => a.pow(b),
    values: positive,
  },
  maximum: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.maximum(a, b),
  },
  minimum: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.minimum(a, b),
  },
  "squared difference": {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.squaredDifference(a, b),
  },
  comparisons: {
    shapes: [[3, 4], [4]],
    gradient: false,
    values: ties,
    run: (a, b) =>
      tf
        .stack([
          tf.equal(a, b),
          tf.notEqual(a, b),
          tf.greater(a, b),
          tf.greaterEqual(a, b),
          tf.less(a, b),
          tf.lessEqual(a, b),
        ])
        .cast("float32"),
  },
  logic: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    gradient: false,
    values: ties,
    run: (a, b) => {
      const [p, q] = [a.cast("bool"), b.cast("bool")];
      return tf.stack([tf.logicalAnd(p, q), tf.logicalOr(p, q), tf.logicalNot(p)]).cast("float32");
    },
  },
  where: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    run: (a, b) => tf.where(tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3], "bool"), a.square(), b),
  },
  prelu: { shapes: [[2, 3, 4], [4]], run: (x, alpha) => tf.prelu(x, alpha) },
  sum: { shapes: [[2, 3, 4]], run: (x) => x.sum([0, 2]) },
  "mean, kept": { shapes: [[2, 3, 4]], run: (x) => x.mean(1, true) },
  max: { shapes: [[2, 3, 4]], run: (x) => x.max(-1) },
  min: { shapes: [[2, 3, 4]], run: (x) => x.min(0) },
  "all and any": {
    shapes: [[3, 4]],
    gradient: false,
    values: ties,
    run: (x) => tf.stack([x.cast("bool").all(1), x.cast("bool").any(1)]).cast("float32"),
  },
  "arg max": { shapes: [[3, 5]], gradient: false, values: ties, run: (x) => x.argMax(1).cast("float32") },
  "arg min": { shapes: [[3, 5]], gradient: false, values: ties, run: (x) => x.argMin(0).cast("float32") },
  prod: { shapes: [[2, 3, 4]], gradient: false, run: (x) => x.prod(1) },
  "is NaN": { shapes: [[3, 4]], gradient: false, run: (x) => tf.isNaN(x.log()).cast("float32") },
  "floor div": { shapes: [[3, 4], [4]], gradient: false, values: positive, run: (a, b) => tf.floorDiv(a.mul(5), b) },
  "broadcast to": { shapes: [[3, 1]], gradient: false, run: (x) => tf.broadcastTo(x, [2, 3, 4]) },
  reshape: { shapes: [[2, 3, 4]], run: (x) => x.reshape([4, -1]) },
  transpose: { shapes: [[2, 3, 4]], run: (x) => x.transpose([2, 0, 1]).mul(2) },
  "transpose of an image": {
    shapes: [image, [1, 1, 3, 2]],
    run: (x, w) =>
      tf
        .conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same")
        .transpose([0, 2, 1, 3])
        .mul(2),
  },
  tile: { shapes: [[2, 3]], run: (x) => x.tile([2, 2]) },
  concat: {
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    run: (...parts) => tf.concat(parts, 1),
  },
  "concat of channels": {
    shapes: [image, [1, 1, 3, 2]],
    run: (x, w) => tf.concat([tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), x], 3),
  },
  stack: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    run: (...parts) => tf.stack(parts, 1),
  },
  unstack: { shapes: [[2, 3]], run: (x) => tf.unstack(x, 1)[1]! },
  split: { shapes: [[2, 6]], run: (x) => tf.split(x, [1, 5], 1)[1]! },
  slice: { shapes: [[4, 5]], run: (x) => x.slice([1, 2], [2, -1]) },
  pad: {
    shapes: [[2, 3]],
    run: (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  },
  "pad of an image": {
    shapes: [image],
    run: (x) =>
      tf.pad(tf.maxPool(x as tf.Tensor4D, 2, 1, "same"), [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
  },
  "reflected pad": {
    shapes: [[4, 5]],
    gradient: false,
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 0],
        ],
        "reflect",
      ),
  },
  reverse: { shapes: [[2, 3, 4]], run: (x) => x.reverse([0, 2]) },
  gather: { shapes: [[4, 3]], run: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 0) },
  "one hot": {
    shapes: [[5]],
    gradient: false,
    values: ties,
    run: (x) => tf.oneHot(x.cast("int32"), 4).cast("float32"),
  },
  "zeros and ones like": { shapes: [[2, 3]], gradient: false, run: (x) => tf.zerosLike(x).add(tf.onesLike(x)) },
  "mat mul": {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "mat mul, transposed": {
    shapes: [
      [4, 3],
      [2, 4],
    ],
    run: (a, b) => tf.matMul(a, b, true, true),
  },
  "mat mul of stacks": {
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "mat mul of stacks, transposed": {
    shapes: [
      [2, 4, 3],
      [2, 5, 4],
    ],
    run: (a, b) => tf.matMul(a, b, true, true),
  },
  softmax: { shapes: [[3, 5]], run: (x) => tf.softmax(x) },
  "log softmax": { shapes: [[3, 5]], run: (x) => tf.logSoftmax(x) },
  "cross-entropy": {
    shapes: [[3, 5]],
    run: (x) => softmaxCrossEntropy(x as tf.Tensor2D, tf.oneHot([1, 4, 0], 5).cast("float32") as tf.Tensor2D),
  },
  "focal loss": {
    shapes: [[3, 5]],
    run: (x) =>
      focalCrossEntropy(x as tf.Tensor2D, {
        labels: tf.oneHot([1, 4, 0], 5).cast("float32").mul(0.9).add(0.02) as tf.Tensor2D,
        gamma: 1.5,
      }),
  },
  "conv 3x3 same": conv([3, 3, 3, 4], 1, "same"),
  "conv 3x3 valid": conv([3, 3, 3, 4], 1, "valid"),
  "conv 1x1": conv([1, 1, 3, 4], 1, "same"),
  "conv 2x4 same": conv([2, 4, 3, 4], 1, "same"),
  "conv, stride 2 same": conv([3, 3, 3, 4], 2, "same"),
  "conv, stride 3x2 valid": conv([3, 2, 3, 4], [3, 2], "valid"),
  "conv 1x1, stride 2": conv([1, 1, 3, 4], 2, "same"),
  "conv, explicit pads": conv([3, 3, 3, 2], 1, [
    [0, 0],
    [2, 0],
    [1, 2],
    [0, 0],
  ]),
  "conv, dilated": { ...conv([3, 3, 3, 2], 1, "same", "NHWC", 2), gradient: false },
  "conv, many channels": {
    shapes: [
      [2, 20, 18, 12],
      [3, 3, 12, 9],
    ],
    run: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
  },
  "conv, many channels, small image": {
    shapes: [
      [3, 5, 4, 12],
      [3, 1, 12, 9],
    ],
    run: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [2, 1], "same"),
  },
  // onnxruntime 1.30 on WebGPU misreads channels that are a multiple of three but not of four.
  "conv of six channels": {
    shapes: [
      [2, 6, 7, 6],
      [3, 3, 6, 4],
    ],
    run: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
  },
  "conv with bias and relu": {
    shapes: [image, [3, 3, 3, 4], [4]],
    run: (x, w, b) => tf.relu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same").add(b)),
  },
  "depthwise conv 3x3": depthwise([3, 3, 3, 1], 1, "same"),
  "depthwise conv, multiplier 2, stride 2": depthwise([3, 3, 3, 2], 2, "same"),
  "depthwise conv, valid": depthwise([2, 3, 3, 2], 1, "valid"),
  "separable conv": {
    shapes: [image, [3, 3, 3, 2], [1, 1, 6, 4]],
    run: (x, d, p) => tf.separableConv2d(x as tf.Tensor4D, d as tf.Tensor4D, p as tf.Tensor4D, 1, "same"),
  },
  "max pool 2/2": pool("maxPool", 2, 2, "valid"),
  "max pool 2/2 same": pool("maxPool", 2, 2, "same"),
  "max pool 3/2 same": pool("maxPool", 3, 2, "same"),
  "max pool 3/1 same": pool("maxPool", 3, 1, "same"),
  "max pool 2x3, stride 1x2": pool("maxPool", [2, 3], [1, 2], "valid"),
  "max pool 2/3": pool("maxPool", 2, 3, "valid"),
  "relu, then max pool": {
    shapes: [image],
    run: (x) => tf.maxPool(tf.relu(x.sub(1)) as tf.Tensor4D, 2, 2, "same"),
    values: ties,
  },
  "average pool 2/2": pool("avgPool", 2, 2, "valid"),
  "average pool 3/2": pool("avgPool", 3, 2, "valid"),
  "global average": { shapes: [image], run: (x) => x.mean([1, 2]) },
  "squeeze and excitation": {
    shapes: [image, [3, 2], [2, 3]],
    run: (x, a, b) => {
      const gate = tf.sigmoid(tf.matMul(tf.relu(tf.matMul(x.mean([1, 2]), a)), b)).reshape([2, 1, 1, 3]);
      return x.mul(gate);
    },
  },
  // tfjs 4.22 on cpu reads the dy of image 0 for all images of a batch.
  "resize nearest, 2x": {
    shapes: [[1, 6, 6, 3]],
    run: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 12]),
  },
  "resize nearest, not square": {
    shapes: [image],
    gradient: false,
    run: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [10, 4]),
  },
  "resize bilinear": { shapes: [square], run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [9, 9]) },
  "resize bilinear, not square": {
    shapes: [image],
    gradient: false,
    run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [10, 9]),
  },
  "resize bilinear, corners": {
    shapes: [square],
    run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [11, 11], true),
  },
  "batch norm, inference": {
    shapes: [image, [3], [3], [3], [3]],
    values: positive,
    gradient: false,
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D),
  },
  // As tfjs-layers normalizes layers.
  "batch norm with statistics of each element": {
    shapes: [
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    values: positive,
    gradient: false,
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm2d(
        x as tf.Tensor2D,
        mean as tf.Tensor2D,
        variance as tf.Tensor2D,
        offset as tf.Tensor2D,
        scale as tf.Tensor2D,
      ),
  },
  "batch norm of images": {
    shapes: [image, [3], [3]],
    run: (x, gamma, beta) => batchNormTrain({ x, gamma, beta }, 1e-3).y,
  },
  "batch norm of large images": {
    shapes: [[2, 17, 16, 3], [3], [3]],
    run: (x, gamma, beta) => batchNormTrain({ x, gamma, beta }, 1e-3).y,
  },
  "batch norm of rows": {
    shapes: [[6, 3], [3], [3]],
    run: (x, gamma, beta) => batchNormTrain({ x, gamma, beta }, 1e-3).y,
  },
  "flatten of a convolution": {
    shapes: [image, [3, 3, 3, 2]],
    run: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same").reshape([2, -1]),
  },
  "residual block": {
    shapes: [image, [3, 3, 3, 3]],
    run: (x, w) => tf.relu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same").add(x)),
  },
};

/** Mulberry32: a small seeded generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** The value and, with `slope` as dy, the gradients. */
function program({ run, gradient }: OpCase): (...inputs: Tensors) => Tensors {
  if (gradient === false) return (...inputs) => [run(...inputs)];
  return (...inputs) => {
    const values = inputs.slice(0, -1);
    return [run(...values), ...tf.grads((...x) => run(...x))(values, inputs.at(-1)!)];
  };
}

/** Ops without a case: steps of training test these, in engines.test.ts. */
export const trainedOps: ReadonlySet<string> = new Set([
  "DropoutMask",
  "SgdUpdate",
  "SgdMomentumUpdate",
  "AdamUpdate",
  "EmaUpdate",
  "AverageUpdate",
]);

/** Runs a captured graph: inputs by name, outputs by position. */
export type RunGraph = (
  graph: Graph,
  inputs: Record<string, Float32Array>,
) => Promise<Record<string, ArrayLike<number>>>;

/** Throws unless `runGraph` gives what eager tfjs gives for the case. */
export async function checkOp(example: OpCase, runGraph: RunGraph, tolerance = TOLERANCE): Promise<void> {
  await tf.setBackend("cpu");
  const random = generator(7);
  const draw = example.values ?? ((next) => next() * 4 - 2);
  const data = example.shapes.map((shape) => Float32Array.from({ length: size(shape) }, () => draw(random)));
  const shapes = [...example.shapes];
  if (example.gradient !== false) {
    const outputShape = tf.tidy(() => example.run(...shapes.map((shape) => tf.zeros(shape))).shape);
    shapes.push(outputShape);
    data.push(Float32Array.from({ length: size(outputShape) }, () => random() * 2 - 1));
  }
  const run = program(example);
  const expected = tf.tidy(() =>
    run(...data.map((values, i) => tf.tensor(values, shapes[i]))).map((y) => Array.from(y.dataSync())),
  );
  const inputs = shapes.map((shape, i) => ({ name: `x${i}`, shape }));
  const graph = capture((...tensors) => run(...tensors), inputs);
  const outputs = await runGraph(graph, Object.fromEntries(data.map((values, i) => [`x${i}`, values])));
  for (const [i, values] of expected.entries()) {
    const found = Array.from(outputs[i]!, Number);
    const scale = Math.max(1, ...values.map(Math.abs));
    const worst = Math.max(...values.map((value, k) => Math.abs(value - found[k]!)));
    expect(found.length, `output ${i}`).toBe(values.length);
    expect(worst / scale, `output ${i}`).toBeLessThan(tolerance);
  }
}
