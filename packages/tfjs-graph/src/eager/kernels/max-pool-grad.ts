/**
 * Gradient of max pooling on the host: a window's gradient goes to its first maximum in row-major order, as in
 * TensorFlow. The kernel of tfjs' wasm backend divides ties differently (every ReLU and dropout makes ties of zeros),
 * that of `cpu` computes every index by a function call.
 */
import type { Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";

export const kernelName = "MaxPoolGrad";

interface Attributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

export function compose({ dy, input }: { dy: Tensor4D; input: Tensor4D }, attributes: Attributes): Tensor4D {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const [x, gradient] = [input.dataSync<"float32">(), dy.dataSync<"float32">()];
  const dx = new Float32Array(x.length);
  const best = new Float32Array(channels);
  const position = new Int32Array(channels);
  let out = 0;
  for (let n = 0; n < info.batchSize; n++) {
    const image = n * inHeight * inWidth * channels;
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * info.strideHeight - info.padInfo.top;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * info.strideWidth - info.padInfo.left;
        best.fill(Number.NEGATIVE_INFINITY);
        position.fill(-1);
        for (let y = Math.max(0, top); y < Math.min(inHeight, top + filterHeight); y++) {
          for (let xx = Math.max(0, left); xx < Math.min(inWidth, left + filterWidth); xx++) {
            const pixel = image + (y * inWidth + xx) * channels;
            for (let c = 0; c < channels; c++) {
              const value = x[pixel + c]!;
              if (value > best[c]!) {
                best[c] = value;
                position[c] = pixel + c;
              }
            }
          }
        }
        for (let c = 0; c < channels; c++, out++) if (position[c]! >= 0) dx[position[c]!]! += gradient[out]!;
      }
    }
  }
  return tf.tensor4d(dx, input.shape);
}
