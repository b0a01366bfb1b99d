/**
 * The network of BlazeFace (Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, 2019), in
 * the form of MediaPipe's "back" model for pictures of 256 x 256: an entry convolution, 31 residual blocks of a depthwise
 * and a pointwise convolution, and two heads on grids of 16 x 16 and 8 x 8 cells.
 */
import * as tf from "@tensorflow/tfjs";
import { BLAZEFACE_WEIGHTS } from "./weights.js";

/** Edge of the pictures that it takes. */
export const EDGE = 256;
/** Blocks that halve the picture, and the channels after each. */
const HALVED: Readonly<Record<number, number>> = { 7: 24, 15: 48, 23: 96 };
const BLOCKS = 31;
/** Anchors: two a cell of the grid of 16, six a cell of that of 8. */
export const ANCHORS = 16 * 16 * 2 + 8 * 8 * 6;
/** Numbers an anchor: centre, width and height of the box, and six points. */
export const VALUES = 16;

/** What it says of pictures; `scores` before the sigmoid, `values` in pixels from the anchor. */
export interface NetworkOutput {
  /** `[n, ANCHORS]` */
  scores: Float32Array;
  /** `[n, ANCHORS, VALUES]` */
  values: Float32Array;
}

/** Scores and values of pictures `[n, 256, 256, 3]` of -1..1. */
export type NetworkFunction = (images: tf.Tensor4D) => [scores: tf.Tensor2D, values: tf.Tensor3D];

/** Makes something faster of a function of tensors, such as `compile` of `@fer/tfjs-graph`. */
export type Compile = (run: NetworkFunction) => CompiledNetwork;

/** As {@link Compile} leaves it. */
export interface CompiledNetwork {
  (images: tf.Tensor4D): Promise<[scores: tf.Tensor2D, values: tf.Tensor3D]>;
  dispose?(): unknown;
}

/** Backends of graphics cards. */
const GRAPHICS = new Set(["webgl", "webgpu"]);

/** Weights in the memory of the backend that is current when it is made. */
export class BlazeFaceNetwork {
  readonly #weights: tf.Tensor[];
  readonly #run: CompiledNetwork;

  constructor(compile: Compile = eager) {
    this.#weights = weights();
    this.#run = compile((images) => {
      const [fine, fineValues, coarse, coarseValues] = heads(images, this.#weights);
      const scores = tf.concat([fine!, coarse!], 1);
      return [tf.reshape(scores, [-1, ANCHORS]), tf.concat([fineValues!, coarseValues!], 1)];
    });
  }

  /**
   * Numbers of pictures that it is to be given at once, ascending. More than one do not fit into the caches of a processor. A
   * graphics card is slow to be asked, and its shaders are compiled for each number: three are the whole picture with its
   * turned copies, and the second look at one face.
   */
  get counts(): readonly number[] {
    return GRAPHICS.has(tf.getBackend()) ? [1, 3, 8] : [1];
  }

  /** @param images `[n, 256, 256, 3]` of -1..1, left alone meanwhile. */
  async predict(images: Float32Array): Promise<NetworkOutput> {
    const input = tf.tensor4d(images, [images.length / (EDGE * EDGE * 3), EDGE, EDGE, 3]);
    const found = await this.#run(input).finally(() => input.dispose());
    try {
      const [scores, values] = await Promise.all(found.map((each) => each.data()));
      return { scores: scores as Float32Array, values: values as Float32Array };
    } finally {
      tf.dispose(found);
    }
  }

  dispose(): void {
    this.#run.dispose?.();
    tf.dispose(this.#weights);
  }
}

/** Op by op on the current backend. */
const eager: Compile = (run) => async (images) => tf.tidy(() => run(images));

/** Scores and values on the finer grid, then on the coarser one, each `[n, anchors, 1 or 16]`. */
function heads(images: tf.Tensor4D, all: readonly tf.Tensor[]): tf.Tensor3D[] {
  let at = 0;
  const next = <T extends tf.Tensor>(): T => all[at++] as T;
  const pointwise = (x: tf.Tensor4D, activation: "linear" | "relu" = "linear"): tf.Tensor4D =>
    tf.fused.conv2d({ x, filter: next<tf.Tensor4D>(), strides: 1, pad: "same", bias: next<tf.Tensor1D>(), activation });
  let x: tf.Tensor4D = tf.fused.conv2d({
    x: images,
    filter: next<tf.Tensor4D>(),
    strides: 2,
    pad: "same",
    bias: next<tf.Tensor1D>(),
    activation: "relu",
  });
  for (let block = 0; block < BLOCKS; block++) {
    const channels = HALVED[block];
    const strides = channels === undefined ? 1 : 2;
    const inner = pointwise(tf.depthwiseConv2d(x, next<tf.Tensor4D>(), strides, "same"));
    x = tf.relu(tf.add(channels === undefined ? x : shortcut(x, channels), inner));
  }
  const flat = (y: tf.Tensor4D, width: number): tf.Tensor3D => tf.reshape(y, [y.shape[0], -1, width]);
  const fine = [flat(pointwise(x), 1), flat(pointwise(x), VALUES)];
  const coarse = pointwise(tf.depthwiseConv2d(x, next<tf.Tensor4D>(), 2, "same"), "relu");
  const values = flat(pointwise(coarse), VALUES);
  return [...fine, flat(pointwise(coarse), 1), values];
}

/** The picture at half its size, with channels of zeros where there are to be more. */
function shortcut(x: tf.Tensor4D, channels: number): tf.Tensor4D {
  const half = tf.maxPool(x, 2, 2, "same");
  const more = channels - x.shape[3];
  return more === 0
    ? half
    : tf.pad(half, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, more],
      ]);
}

/** All weights in the order of their use. */
function weights(): tf.Tensor[] {
  const values = halves(Uint8Array.from(atob(BLAZEFACE_WEIGHTS), (char) => char.charCodeAt(0)));
  let at = 0;
  const take = (...shape: number[]): tf.Tensor => {
    const length = shape.reduce((product, side) => product * side, 1);
    return tf.tensor(values.subarray(at, (at += length)), shape);
  };
  const found = [take(5, 5, 3, 24), take(24)];
  const depthwise = (channels: number): void => void found.push(take(3, 3, channels, 1));
  const pointwise = (from: number, to: number): void => void found.push(take(1, 1, from, to), take(to));
  let channels = 24;
  for (let block = 0; block < BLOCKS; block++) {
    const before = channels;
    channels = HALVED[block] ?? channels;
    depthwise(before);
    pointwise(before, channels);
  }
  pointwise(96, 2);
  pointwise(96, 2 * VALUES);
  depthwise(96);
  pointwise(96, 96);
  pointwise(96, 6 * VALUES);
  pointwise(96, 6);
  return found;
}

/** Numbers in float16, little-endian, as float32. */
function halves(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const half = view.getUint16(2 * i, true);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
    return half >> 15 === 0 ? size : -size;
  });
}
