/**
 * Gradient of average pooling. tfjs 4.22 does not count padding in the average, but divides its gradient by the whole
 * window: at padded borders dy is scaled to what the window really covers.
 */
import type { KernelFunc, Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";

export const kernelName = "AvgPoolGrad";

interface Attributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

export function withRealCounts(own: KernelFunc): KernelFunc {
  return (call) => {
    const { dy, input } = call.inputs as unknown as { dy: Tensor4D; input: Tensor4D };
    const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as Attributes;
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
    const { top, left } = info.padInfo;
    const rows = covered({
      input: inHeight,
      output: outHeight,
      window: filterHeight,
      stride: strideHeight,
      before: top,
    });
    const columns = covered({
      input: inWidth,
      output: outWidth,
      window: filterWidth,
      stride: strideWidth,
      before: left,
    });
    if ([...rows, ...columns].every((share) => share === 1)) return own(call);
    return tf.tidy(() => {
      const factors = rows.flatMap((height) => columns.map((width) => 1 / (height * width)));
      const scaled = tf.mul(dy, tf.tensor4d(factors, [1, outHeight, outWidth, 1]));
      const kernel = own({ ...call, inputs: { ...call.inputs, dy: scaled } });
      return tf.engine().makeTensorFromTensorInfo(Array.isArray(kernel) ? kernel[0]! : kernel);
    });
  };
}

/** Which share of the window lies on the input, for each of its positions along one axis. */
function covered(axis: { input: number; output: number; window: number; stride: number; before: number }): number[] {
  return Array.from({ length: axis.output }, (_, position) => {
    const start = position * axis.stride - axis.before;
    return (Math.min(start + axis.window, axis.input) - Math.max(start, 0)) / axis.window;
  });
}
