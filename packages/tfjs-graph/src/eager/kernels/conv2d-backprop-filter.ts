/**
 * Gradient of conv2d with respect to its filter, composed: with batch and channels exchanged, correlating x with dy
 * is itself a convolution (strides and dilations change places), which the backend does fast.
 *
 *     dfilter[ky, kx, ci, co] = sum over n, oy, ox of x[n, oy * stride + ky, ox * stride + kx, ci] * dy[n, oy, ox, co]
 */
import type { Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";
import { convInfo, type ConvAttributes } from "./conv-info.js";

export const kernelName = "Conv2DBackpropFilter";

export function compose({ x, dy }: { x: Tensor4D; dy: Tensor4D }, attributes: ConvAttributes): Tensor4D {
  const filterShape = attributes.filterShape!;
  const info = convInfo({ input: x.shape, filter: filterShape }, attributes);
  const [kh, kw] = filterShape;
  const { top, left } = info.padInfo;
  // Rows of x that meet the last row of dy and of the filter; what lies beyond never met the filter.
  const height = (info.outHeight - 1) * info.strideHeight + kh;
  const width = (info.outWidth - 1) * info.strideWidth + kw;
  const images = tf.transpose(x, [3, 1, 2, 0]);
  const filters = tf.transpose(dy, [1, 2, 0, 3]) as Tensor4D;
  const [bottom, right] = [Math.max(0, height - info.inHeight - top), Math.max(0, width - info.inWidth - left)];
  const padded = fit(images as Tensor4D, { height, width, pads: [top, bottom, left, right] });
  const dilations: [number, number] = [info.strideHeight, info.strideWidth];
  const correlated = tf.conv2d(padded, filters, 1, "valid", "NHWC", dilations);
  return tf.transpose(correlated, [1, 2, 0, 3]);
}

interface Size {
  height: number;
  width: number;
  /** Top, bottom, left, right. */
  pads: [number, number, number, number];
}

/** Pads with zeros at the sides, then cuts to exactly `height` x `width`. */
function fit(images: Tensor4D, { height, width, pads }: Size): Tensor4D {
  const [top, bottom, left, right] = pads;
  const [n, h, w, c] = images.shape;
  const isPadded = pads.some((pad) => pad > 0);
  const padded = isPadded
    ? tf.pad(images, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ])
    : images;
  if (h + top + bottom === height && w + left + right === width) return padded;
  return tf.slice(padded, [0, 0, 0, 0], [n, height, width, c]);
}
