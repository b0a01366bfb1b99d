/** Attributes of tfjs' conv2d kernels, and the geometry they mean. */
import { tf } from "../../tf.js";

export interface ConvAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | [number, number][];
  dilations?: number | [number, number] | null;
  dataFormat?: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
  /** Of the backprop kernels. */
  inputShape?: [number, number, number, number];
  filterShape?: [number, number, number, number];
}

/** The parts of tfjs' geometry that the gradients read. */
export interface ConvInfo {
  inHeight: number;
  inWidth: number;
  outHeight: number;
  outWidth: number;
  strideHeight: number;
  strideWidth: number;
  padInfo: { top: number; left: number; bottom: number; right: number };
}

type Shape4D = [number, number, number, number];

export function convInfo({ input, filter }: Record<"input" | "filter", Shape4D>, attributes: ConvAttributes): ConvInfo {
  const { strides, pad, dimRoundingMode } = attributes;
  const dilations = attributes.dilations ?? 1;
  return tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, pad as number, dimRoundingMode);
}
