/**
 * Gradient of conv2d with respect to its input, as a forward convolution with the flipped filter. wasm has a kernel
 * of its own, but a naive one: this is many times faster. Strides above 1 spread dy with zeros first.
 */
import type { Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";
import { convInfo, type ConvAttributes } from "./conv-info.js";

export const kernelName = "Conv2DBackpropInput";

export function compose({ dy, filter }: { dy: Tensor4D; filter: Tensor4D }, attributes: ConvAttributes): Tensor4D {
  const inputShape = attributes.inputShape!;
  const info = convInfo({ input: inputShape, filter: filter.shape }, attributes);
  const [kh, kw] = filter.shape;
  const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
  const spread = spreadRows(spreadColumns(dy, info.strideWidth), info.strideHeight);
  const top = kh - 1 - info.padInfo.top;
  const left = kw - 1 - info.padInfo.left;
  const bottom = info.inHeight + kh - 1 - spread.shape[1] - top;
  const right = info.inWidth + kw - 1 - spread.shape[2] - left;
  const sides: [number, number][] = [
    [top, bottom],
    [left, right],
  ];
  const isPlain = sides.flat().every((side) => side >= 0);
  if (isPlain) return tf.conv2d(spread, flipped, 1, [[0, 0], ...sides, [0, 0]] as never) as Tensor4D;
  // A "same" pad larger than the kernel reaches: cut dy instead of padding it by a negative amount.
  const padded = tf.pad(spread, [
    [0, 0],
    ...sides.map((s) => s.map((v) => Math.max(0, v)) as [number, number]),
    [0, 0],
  ]);
  const begin = [0, Math.max(0, -top), Math.max(0, -left), 0];
  const size = [dy.shape[0], info.inHeight + kh - 1, info.inWidth + kw - 1, dy.shape[3]];
  return tf.conv2d(tf.slice(padded, begin, size) as Tensor4D, flipped, 1, "valid");
}

function spreadRows(dy: Tensor4D, stride: number): Tensor4D {
  if (stride === 1) return dy;
  const [n, h, w, c] = dy.shape;
  const zeros = tf.pad(tf.reshape(dy, [n, h, 1, w * c]), [
    [0, 0],
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  return tf.slice(tf.reshape(zeros, [n, h * stride, w, c]), [0, 0, 0, 0], [n, (h - 1) * stride + 1, w, c]) as Tensor4D;
}

function spreadColumns(dy: Tensor4D, stride: number): Tensor4D {
  if (stride === 1) return dy;
  const [n, h, w, c] = dy.shape;
  const zeros = tf.pad(tf.reshape(dy, [n * h, w, 1, c]), [
    [0, 0],
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  return tf.slice(tf.reshape(zeros, [n, h, w * stride, c]), [0, 0, 0, 0], [n, h, (w - 1) * stride + 1, c]) as Tensor4D;
}
