/**
 * Gradient of nearest-neighbour up-sampling by whole factors: every input pixel gets the sum of its block. The kernel
 * of tfjs 4.22 on `cpu` reads the gradient of the first image for all images of a batch.
 */
import type { Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";

export const kernelName = "ResizeNearestNeighborGrad";

interface Attributes {
  alignCorners: boolean;
}

/** False where the scale is not a whole number, or corners are aligned: the backend's own kernel has to do. */
export function applies({ images, dy }: { images: Tensor4D; dy: Tensor4D }, { alignCorners }: Attributes): boolean {
  return !alignCorners && dy.shape[1] % images.shape[1] === 0 && dy.shape[2] % images.shape[2] === 0;
}

export function compose({ images, dy }: { images: Tensor4D; dy: Tensor4D }): Tensor4D {
  const [n, h, w, c] = images.shape;
  const [rows, columns] = [dy.shape[1] / h, dy.shape[2] / w];
  const byRow = tf.sum(tf.reshape(dy, [n * h, rows, w * columns * c]), 1);
  return tf.reshape(tf.sum(tf.reshape(byRow, [n * h * w, columns, c]), 1), [n, h, w, c]);
}
