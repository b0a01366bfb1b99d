/** Windows of convolutions and pools in the terms of ONNX. Every pair is height, width. */
import type { OnnxAttribute } from "../model.js";

type Pair = readonly [number, number];

/** Attributes that captured convolutions and pools share. */
export interface WindowAttributes {
  strides: Pair;
  /** Top, bottom, left, right. */
  pads: readonly [number, number, number, number];
  /** Convolutions only. */
  dilations?: Pair;
}

export interface Window {
  input: Pair;
  output: Pair;
  kernel: Pair;
  strides: Pair;
  dilations: Pair;
  /** Padding before and after. The last window may end before the padded input does. */
  before: Pair;
  after: Pair;
}

/** Shapes of what a window is made from. */
export interface WindowShapes {
  /** `[n, h, w, c]` */
  image: readonly number[];
  /** Height and width first. */
  kernel: readonly number[];
}

/** The window that slides over the images with the kernel. */
export function windowOf({ image, kernel }: WindowShapes, attributes: WindowAttributes): Window {
  const { strides, dilations = [1, 1], pads } = attributes;
  const [top, bottom, left, right] = pads;
  const [before, after]: [Pair, Pair] = [
    [top, left],
    [bottom, right],
  ];
  const count = (i: 0 | 1): number => {
    const room = image[i + 1]! + before[i] + after[i] - ((kernel[i]! - 1) * dilations[i] + 1);
    return Math.floor(room / strides[i]) + 1;
  };
  return {
    input: [image[1]!, image[2]!],
    output: [count(0), count(1)],
    kernel: [kernel[0]!, kernel[1]!],
    strides,
    dilations,
    before,
    after,
  };
}

/** Extent of a dilated kernel along axis `i` (0 height, 1 width). */
export const reach = (w: Window, i: 0 | 1): number => (w.kernel[i] - 1) * w.dilations[i] + 1;

/** The attributes of ONNX' Conv and MaxPool. */
export function windowAttributes(w: Window): Record<string, OnnxAttribute> {
  return { kernel_shape: w.kernel, strides: w.strides, dilations: w.dilations, pads: [...w.before, ...w.after] };
}
