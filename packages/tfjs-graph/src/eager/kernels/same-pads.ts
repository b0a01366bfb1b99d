/**
 * "same" padding spelled out. Where a stride is larger than the filter there is nothing to pad, but the wasm kernels of
 * tfjs 4.22 leave the computation of such pads to XNNPACK, which shifts the image.
 */
import type { KernelFunc, NamedAttrMap, Tensor4D } from "@tensorflow/tfjs";
import { convInfo, type ConvAttributes } from "./conv-info.js";

export const kernelNames = ["Conv2D", "FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2D"];

export function withSamePads(own: KernelFunc): KernelFunc {
  return (call) => {
    const attributes = call.attrs as unknown as ConvAttributes;
    if (attributes.pad !== "same") return own(call);
    const { x, filter } = call.inputs as unknown as { x: Tensor4D; filter: Tensor4D };
    const { strideHeight, strideWidth, padInfo } = convInfo({ input: x.shape, filter: filter.shape }, attributes);
    if (strideHeight <= filter.shape[0] && strideWidth <= filter.shape[1]) return own(call);
    const { top, bottom, left, right } = padInfo;
    const pad = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    return own({ ...call, attrs: { ...call.attrs, pad } as unknown as NamedAttrMap });
  };
}
