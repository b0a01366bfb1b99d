/**
 * Seeded dropout mask: a pure function of seed, layer and step, the same on every engine.
 *
 * One random byte an element, taken little-endian from the words of Philox with the key `[seed, layer]` and the
 * counter `[0, 0, step, 0]`. An element is dropped when its byte is below `round(256 * rate)`, so that rates are
 * multiples of 1/256 (0.25 and 0.5 are exact); what is kept is scaled by the inverse of the share that is really kept.
 */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../tf.js";
import { dropoutBytes, dropoutThreshold } from "./dropout-bytes.js";
import { runOp, type OwnOp } from "./own-op.js";

export interface DropoutMaskOptions {
  shape: number[];
  /** Share of elements to drop, [0, 1). */
  rate: number;
  /** 32-bit seed of the run. */
  seed: number;
  /** Number of the layer, so that layers of one shape get different masks. */
  layer: number;
}

/** The mask as host memory: 0 where dropped, the scale where kept. */
export function dropoutMaskValues(options: DropoutMaskOptions, step: number): Float32Array {
  const { shape, rate, seed, layer } = options;
  const { threshold, scale } = dropoutThreshold(rate);
  const bytes = dropoutBytes({ seed, layer, step, size: tf.util.sizeFromShape(shape) });
  const values = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= threshold) values[i] = scale;
  return values;
}

/** (step: scalar int32) -> mask. It reads the step, so every engine of graphs needs a rule for it. */
export const dropoutMaskOp: OwnOp<"step", DropoutMaskOptions> = {
  name: "DropoutMask",
  outputs: (_, { shape }) => [shape],
  compose: ({ step }, options) => [
    tf.tensor(dropoutMaskValues(options, step.dataSync()[0]!), options.shape, "float32"),
  ],
};

/**
 * The mask of one dropout layer at one step, float32.
 *
 * @param step Scalar int32 tensor: number of updates done so far.
 * @example
 * ```ts
 * import { dropoutMask } from "@fer/tfjs-graph/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log(dropoutMask(tf.scalar(0, "int32"), { shape: [4], rate: 0.5, seed: 1, layer: 0 }).arraySync());
 * // [ 0, 0, 2, 2 ]
 * ```
 */
export function dropoutMask(step: Tensor, options: DropoutMaskOptions): Tensor {
  return runOp(dropoutMaskOp, { inputs: { step }, attributes: options })[0]!;
}
