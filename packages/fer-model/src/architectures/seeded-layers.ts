/**
 * Makes tfjs layers with stable names and their own seeds.
 *
 * Names follow Keras in a fresh session (`conv2d`, `conv2d_1`, `batch_normalization`, ...), counted per model: tfjs
 * counts per process, so that a name would depend on the models built before. The seed of a layer is a hash of the
 * model's seed and the layer's name, so equal options give equal weights.
 */
import type { LayersModel, SymbolicTensor, layers as Layers, initializers as Initializers } from "@tensorflow/tfjs";
import { tf } from "@fer/tfjs-graph";

type Layer = InstanceType<typeof Layers.Layer>;
type Initializer = ReturnType<typeof Initializers.zeros>;

/** Shape of one image. */
export interface ImageShape {
  size: number;
  channels: number;
}

/** Initial kernels: `glorot` uniform (the Keras default, Glorot and Bengio 2010) or `he` normal (He et al. 2015). */
export type KernelInitializer = "glorot" | "he";

export interface ConvOptions {
  kernel: number | [height: number, width: number];
  strides?: number;
  /** Default `same`. */
  padding?: "same" | "valid";
  activation?: "relu";
  /** Default true; a batch norm that follows makes a bias redundant. */
  useBias?: boolean;
  initializer?: KernelInitializer;
  /** Times the sum of the squares of the kernel, added to the loss; default 0. */
  l2?: number;
}

/** What {@link SeededLayers.activation} makes; `silu` is `x * sigmoid(x)`, also called swish. */
export type Activation = "relu" | "silu" | "softmax";

export interface DenseOptions {
  activation?: "relu" | "sigmoid" | "softmax";
  initializer?: KernelInitializer;
}

/** Layer factory of one model. */
export class SeededLayers {
  readonly #seed: number;
  readonly #counts = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 2-D convolution, NHWC. */
  conv2d(filters: number, options: ConvOptions): Layer {
    const {
      kernel,
      strides = 1,
      padding = "same",
      activation,
      useBias = true,
      initializer = "glorot",
      l2 = 0,
    } = options;
    const name = this.#name("conv2d");
    const kernelInitializer = this.#initializer(initializer, name);
    return tf.layers.conv2d({
      name,
      filters,
      kernelSize: kernel,
      strides,
      padding,
      useBias,
      kernelInitializer,
      ...(activation ? { activation } : {}),
      ...(l2 === 0 ? {} : { kernelRegularizer: tf.regularizers.l2({ l2 }) }),
    });
  }

  /** A convolution of each channel by itself, then a 1x1 convolution over the channels; padded, without bias. */
  separableConv2d(filters: number, { kernel }: { kernel: number }): Layer {
    const name = this.#name("separable_conv2d");
    return tf.layers.separableConv2d({
      name,
      filters,
      kernelSize: kernel,
      padding: "same",
      useBias: false,
      depthwiseInitializer: this.#initializer("glorot", `${name}/depthwise`),
      pointwiseInitializer: this.#initializer("glorot", `${name}/pointwise`),
    });
  }

  dense(units: number, { activation, initializer = "glorot" }: DenseOptions = {}): Layer {
    const name = this.#name("dense");
    const kernelInitializer = this.#initializer(initializer, name);
    return tf.layers.dense({ name, units, kernelInitializer, ...(activation ? { activation } : {}) });
  }

  /** `momentum` is the share of the running statistics that stays at each step (Keras: 0.99). */
  batchNorm({ momentum = 0.99 }: { momentum?: number } = {}): Layer {
    return tf.layers.batchNormalization({ name: this.#name("batch_normalization"), momentum, epsilon: 1e-3 });
  }

  relu(): Layer {
    return this.activation("relu");
  }

  activation(kind: Activation): Layer {
    return tf.layers.activation({ name: this.#name("activation"), activation: kind === "silu" ? "swish" : kind });
  }

  /** `padding` is `valid` by default. */
  maxPool({
    size = 2,
    strides = 2,
    padding = "valid",
  }: { size?: number; strides?: number; padding?: "same" | "valid" } = {}): Layer {
    return tf.layers.maxPooling2d({ name: this.#name("max_pooling2d"), poolSize: size, strides, padding });
  }

  /** Means of 2 x 2 pixels; of those that there are at the edge of an odd map. */
  averagePool(): Layer {
    const name = this.#name("average_pooling2d");
    return tf.layers.averagePooling2d({ name, poolSize: 2, strides: 2, padding: "same" });
  }

  globalAveragePool(): Layer {
    return tf.layers.globalAveragePooling2d({
      name: this.#name("global_average_pooling2d"),
      dataFormat: "channelsLast",
    });
  }

  dropout(rate: number): Layer {
    return tf.layers.dropout({ name: this.#name("dropout"), rate });
  }

  flatten(): Layer {
    return tf.layers.flatten({ name: this.#name("flatten") });
  }

  /** Gives each row another shape of as many values. */
  reshape(targetShape: number[]): Layer {
    return tf.layers.reshape({ name: this.#name("reshape"), targetShape });
  }

  /** Elementwise product, broadcast. */
  multiply(): Layer {
    return tf.layers.multiply({ name: this.#name("multiply") });
  }

  /** Elementwise sum of tensors of one shape. */
  add(): Layer {
    return tf.layers.add({ name: this.#name("add") });
  }

  /** Image input `[n, size, size, channels]` of a functional model. */
  input({ size, channels }: ImageShape): SymbolicTensor {
    return tf.input({ shape: [size, size, channels], name: this.#name("input") });
  }

  /** Applies layers one after another. */
  chain(input: SymbolicTensor, layers: readonly Layer[]): SymbolicTensor {
    let output = input;
    for (const layer of layers) output = layer.apply(output) as SymbolicTensor;
    return output;
  }

  /** Functional model. */
  model(name: string, { inputs, outputs }: { inputs: SymbolicTensor; outputs: SymbolicTensor }): LayersModel {
    return tf.model({ name: snakeCase(name), inputs, outputs });
  }

  /** Sequential model over images of this shape. */
  sequential(name: string, { size, channels, layers }: ImageShape & { layers: readonly Layer[] }): LayersModel {
    const model = tf.sequential({ name: snakeCase(name) });
    const [first, ...rest] = layers;
    // tfjs reads the shape of a sequential model from its first layer alone.
    Object.assign(first!, { batchInputShape: [null, size, size, channels], dtype: "float32" });
    for (const layer of [first!, ...rest]) model.add(layer);
    return model;
  }

  #name(kind: string): string {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  }

  #initializer(kind: KernelInitializer, name: string): Initializer {
    const seed = layerSeed(this.#seed, name);
    return kind === "he" ? tf.initializers.heNormal({ seed }) : tf.initializers.glorotUniform({ seed });
  }
}

/** FNV-1a over seed and layer name, 1..2^31 - 1: tfjs takes a seed of 0 for none. */
function layerSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${name}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return (hash % 0x7fffffff) + 1;
}

/** Scope names of TensorFlow take letters, digits, dots and underscores. */
const snakeCase = (name: string): string => name.replaceAll(/[^A-Za-z0-9.]+/g, "_");
