/**
 * Training through dilated convolutions, which tfjs refuses ("dilation rates greater than 1 are not yet supported in
 * gradients"). The forward pass stays a dilated convolution; the gradients are those of the ordinary convolution whose
 * filter has zeros between its taps, which is the same function.
 */
import type { layers, LayerVariable, Tensor, Tensor4D } from "@tensorflow/tfjs";
import { tf } from "../tf.js";

type Pair = [number, number];

interface ConvLayer {
  kernel: LayerVariable;
  bias: LayerVariable | null;
  activation: { apply(x: Tensor): Tensor } | null;
  strides: number[];
  padding: "same" | "valid";
  dilationRate: number | number[];
}

const pairOf = (value: number | number[]): Pair => (typeof value === "number" ? [value, value] : (value as Pair));

/** Puts zeros between the taps of a filter `[kh, kw, in, out]`. */
function spread(filter: Tensor4D, [dh, dw]: Pair): Tensor4D {
  const [kh, kw, ci, co] = filter.shape;
  const columns = filter.reshape([kh, kw, 1, ci * co]).pad([
    [0, 0],
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ]);
  const rows = columns.reshape([kh, 1, kw * dw, ci * co]).pad([
    [0, 0],
    [0, dh - 1],
    [0, 0],
    [0, 0],
  ]);
  const spaced = rows.reshape([kh * dh, kw * dw, ci, co]) as Tensor4D;
  return spaced.slice([0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, ci, co]);
}

/** The taps of a spread filter, which had the shape `shape`. */
function gather(
  spaced: Tensor4D,
  { shape, dilations: [dh, dw] }: { shape: Tensor4D["shape"]; dilations: Pair },
): Tensor4D {
  const [kh, kw, ci, co] = shape;
  const padded = spaced.pad([
    [0, dh - 1],
    [0, dw - 1],
    [0, 0],
    [0, 0],
  ]);
  const rows = padded.reshape([kh, dh, kw * dw, ci * co]).slice([0, 0, 0, 0], [kh, 1, kw * dw, ci * co]);
  const taps = rows.reshape([kh, kw, dw, ci * co]).slice([0, 0, 0, 0], [kh, kw, 1, ci * co]);
  return taps.reshape([kh, kw, ci, co]);
}

interface Geometry {
  strides: Pair;
  pad: "same" | "valid";
  dilations: Pair;
}

/** conv2d, NHWC, with any dilation and a gradient. */
function dilatedConv2d(
  { x, filter }: Record<"x" | "filter", Tensor4D>,
  { strides, pad, dilations }: Geometry,
): Tensor4D {
  const convolve = tf.customGrad((...args: unknown[]) => {
    const [x, filter, save] = args as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([x, filter]);
    return {
      value: tf.conv2d(x, filter, strides, pad, "NHWC", dilations),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, filter] = saved as [Tensor4D, Tensor4D];
        const spaced = spread(filter, dilations);
        const attributes = { strides, pad, dataFormat: "NHWC" };
        const engine = tf.engine();
        const ofInput = { ...attributes, inputShape: x.shape };
        const dx = engine.runKernel<Tensor4D>("Conv2DBackpropInput", { dy, filter: spaced }, ofInput);
        const ofFilter = { ...attributes, filterShape: spaced.shape };
        const dspaced = engine.runKernel<Tensor4D>("Conv2DBackpropFilter", { x, dy }, ofFilter);
        return [dx, gather(dspaced, { shape: filter.shape, dilations })];
      },
    };
  });
  return convolve(x, filter) as Tensor4D;
}

/** Makes a dilated `Conv2D` layer trainable. Other layers are left alone. */
export function patchDilatedConv2d(layer: layers.Layer): void {
  if (layer.getClassName() !== "Conv2D") return;
  const conv = layer as unknown as ConvLayer;
  const dilations = pairOf(conv.dilationRate);
  if (dilations[0] === 1 && dilations[1] === 1) return;
  layer.call = (inputs: Tensor | Tensor[]) =>
    tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
      const filter = conv.kernel.read() as Tensor4D;
      const geometry = { strides: pairOf(conv.strides), pad: conv.padding, dilations };
      let y: Tensor = dilatedConv2d({ x, filter }, geometry);
      if (conv.bias !== null) y = y.add(conv.bias.read());
      return conv.activation === null ? y : conv.activation.apply(y);
    });
}
