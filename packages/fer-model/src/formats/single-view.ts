/**
 * A network behind what its images go through, as layers that every Keras and TensorFlow.js has: raw grey levels go in,
 * calibrated probabilities come out. No code of one's own is in it.
 *
 *     raw 0..255 -> standardised -> centre crop -> pixel * scale + offset -> network -> softmax(logits / temperature)
 *
 * It is one view of a face, where a run averages several. Standardised grey levels are not rounded, as those of a run
 * are: a sum that differs in its last bit would otherwise decide a whole grey level.
 */
import { cropPlaces, type ModelInfo, STANDARDIZED } from "@fer/core/run";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { softmaxLayer } from "./softmax-layer.js";

/** Keeps a blank image from being divided by zero: in squared grey levels. */
const EPSILON = 1e-3;

type Layer = LayersModel["layers"][number];

/** Rows and columns that the centre crop leaves out, `[before, after]`. */
function margins({ size, crop }: Pick<ModelInfo, "size" | "crop">): [before: number, after: number] | null {
  if (crop === undefined || crop === size) return null;
  const [[left]] = cropPlaces(1, { size, crop }) as [[number, number]];
  return [left, size - crop - left];
}

/**
 * Builds the model. It shares the weights of `network`, which lives on and is not applied to anything else afterwards.
 *
 * @returns `temperature`: whether it is in the model; it cannot be where the network does not end in a softmax layer.
 */
export function singleViewModel(
  network: LayersModel,
  info: ModelInfo,
): { model: LayersModel; isCalibrated: boolean; dispose(): void } {
  const { size, channels, scale, offset, standardize, temperature } = info;
  const image = tf.input({ shape: [size, size, channels], name: "image" });
  let x = image;
  const add = (layer: Layer): void => {
    x = layer.apply(x) as SymbolicTensor;
  };
  if (standardize) {
    const { mean, deviation } = STANDARDIZED;
    add(
      tf.layers.layerNormalization({
        axis: [1, 2, 3],
        center: false,
        scale: false,
        epsilon: EPSILON,
        name: "standardized",
      }),
    );
    add(tf.layers.rescaling({ scale: deviation, offset: mean, name: "grey_levels" }));
    add(tf.layers.reLU({ maxValue: 255, name: "clipped" }));
  }
  const cut = margins(info);
  if (cut !== null) add(tf.layers.cropping2D({ cropping: [cut, cut], name: "centre" }));
  add(tf.layers.rescaling({ scale, offset, name: "scaled" }));
  const tempered = temperature === undefined ? null : withTemperature(network, temperature);
  const outputs = (tempered?.model ?? network).apply(x) as SymbolicTensor;
  return {
    model: tf.model({ inputs: image, outputs, name: "single_view" }),
    isCalibrated: temperature === undefined || tempered !== null,
    dispose: () => tempered?.own?.dispose(),
  };
}

/** The network with a temperature before its softmax; `null` where it does not end in one. `own`: a layer that is new. */
function withTemperature(network: LayersModel, temperature: number): { model: LayersModel; own: Layer | null } | null {
  const last = softmaxLayer(network);
  if (last === null) return null;
  const className = last.getClassName();
  const input = last.input as SymbolicTensor;
  let logits = input;
  let own: Layer | null = null;
  if (className === "Dense") {
    const kind = last.constructor as unknown as { fromConfig(kind: unknown, config: object): Layer };
    own = kind.fromConfig(kind, { ...last.getConfig(), activation: "linear" });
    logits = own.apply(input) as SymbolicTensor;
    own.setWeights(last.getWeights());
  } else if (className !== "Softmax" && className !== "Activation") {
    return null;
  }
  const cooled = tf.layers.rescaling({ scale: 1 / temperature, name: "temperature" }).apply(logits);
  const outputs = tf.layers.softmax({ name: "probabilities" }).apply(cooled) as SymbolicTensor;
  return { model: tf.model({ inputs: network.inputs, outputs, name: "network" }), own };
}

/** What {@link singleViewModel} does before the network, as tfjs ops on `[n, size, size, channels]`. */
export function singleViewOps(info: ModelInfo): (images: Tensor) => Tensor {
  const { size, channels, scale, offset, standardize } = info;
  return (images) => {
    let x = images;
    if (standardize) {
      const centred = x.sub(x.mean([1, 2, 3], true));
      const variance = centred.mul(centred).mean([1, 2, 3], true);
      const { mean, deviation } = STANDARDIZED;
      x = centred.mul(variance.add(EPSILON).rsqrt().mul(deviation)).add(mean);
      x = x.maximum(0).minimum(255);
    }
    const cut = margins(info);
    if (cut !== null) {
      const edge = size - cut[0] - cut[1];
      x = x.slice([0, cut[0], cut[0], 0], [x.shape[0]!, edge, edge, channels]);
    }
    return x.mul(scale).add(offset);
  };
}

/**
 * The same as numbers, for engines: raw images `[n, size, size, channels]` to what the network takes, `[n, edge, edge,
 * channels]`.
 */
export function singleViewInput(images: Uint8Array, info: ModelInfo): Float32Array {
  const { size, channels, scale, offset, standardize } = info;
  const length = size * size * channels;
  const count = images.length / length;
  const [before, after] = margins(info) ?? [0, 0];
  const edge = size - before - after;
  const out = new Float32Array(count * edge * edge * channels);
  let to = 0;
  for (let row = 0; row < count; row++) {
    const pixels = images.subarray(row * length, (row + 1) * length);
    const [factor, shift] = standardize ? standardizing(pixels) : [1, 0];
    for (let y = before; y < size - after; y++) {
      for (let at = (y * size + before) * channels; at < (y * size + size - after) * channels; at++) {
        const level = pixels[at]! * factor + shift;
        out[to++] = (standardize ? Math.min(255, Math.max(0, level)) : level) * scale + offset;
      }
    }
  }
  return out;
}

/** Factor and shift that give pixels the mean and deviation of a standardised image. */
function standardizing(pixels: Uint8Array): [factor: number, shift: number] {
  let [sum, squares] = [0, 0];
  for (const pixel of pixels) {
    sum += pixel;
    squares += pixel * pixel;
  }
  const mean = sum / pixels.length;
  const variance = squares / pixels.length - mean * mean;
  const factor = STANDARDIZED.deviation / Math.sqrt(variance + EPSILON);
  return [factor, STANDARDIZED.mean - mean * factor];
}
