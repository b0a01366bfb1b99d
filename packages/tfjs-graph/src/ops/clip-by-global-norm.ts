/**
 * Gradient clipping by the joint L2 norm (Pascanu et al. 2013), as `clip_by_global_norm` in TensorFlow:
 * every gradient is multiplied by `min(1, clipNorm / norm)`.
 */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../tf.js";

/** The gradients, rescaled together so that their joint norm is at most `clipNorm`. */
export function clipByGlobalNorm(gradients: Tensor[], clipNorm: number): Tensor[] {
  const squares = gradients.map((gradient) => gradient.square().sum());
  const norm = tf.addN(squares).sqrt();
  const scale = tf.scalar(clipNorm).div(norm.maximum(clipNorm));
  return gradients.map((gradient) => gradient.mul(scale));
}
