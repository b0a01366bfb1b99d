/**
 * Convolutions, NHWC. `Conv2D` (x, filter `[kh, kw, in, out]`), `Conv2DBackpropInput` (dy, filter) {inputShape},
 * `Conv2DBackpropFilter` (x, dy) {filterShape}; `DepthwiseConv2dNative` (x, filter `[kh, kw, in, multiplier]`) and its
 * two gradients alike. All have {strides: [h, w], dilations: [h, w], pads: [top, bottom, left, right], pad}, where
 * `pad` says how the pads came about: "same", "valid" or "explicit".
 */
import { GraphError } from "../../errors.js";
import { tf } from "../../tf.js";
import type { Attributes } from "../graph.js";
import { one, pair, type RawAttributes, type Shape, type ShapeRules } from "./rule.js";

export const padKind = (pad: unknown): string => (pad === "same" || pad === "valid" ? pad : "explicit");

/** Geometry as tfjs computes it. */
const geometryOf =
  (isDepthwise: boolean) =>
  (
    { input, filter }: Record<"input" | "filter", Shape>,
    raw: RawAttributes,
  ): { outShape: number[]; attributes: Attributes } => {
    if (raw.dataFormat !== undefined && raw.dataFormat !== "NHWC") {
      throw new GraphError({
        code: "UNSUPPORTED_OP",
        subject: "Conv2D",
        found: `data format ${raw.dataFormat}`,
        expected: "NHWC",
        fix: "Use channels-last layers",
      });
    }
    const [strides, dilations] = [pair(raw.strides), pair(raw.dilations)];
    const info = tf.backend_util.computeConv2DInfo(
      [...input] as [number, number, number, number],
      [...filter] as [number, number, number, number],
      strides,
      dilations,
      raw.pad,
      raw.dimRoundingMode,
      isDepthwise,
    );
    const { top, bottom, left, right } = info.padInfo;
    const pads = [top, bottom, left, right];
    return { outShape: info.outShape, attributes: { strides, dilations, pads, pad: padKind(raw.pad) } };
  };

function family(prefix: string, isDepthwise: boolean): ShapeRules {
  const geometry = geometryOf(isDepthwise);
  return {
    [prefix]: ({ x, filter }, raw) => {
      const { outShape, attributes } = geometry({ input: x!.shape, filter: filter!.shape }, raw);
      return one({ shape: outShape, dtype: x!.dtype }, attributes);
    },
    [`${prefix}BackpropInput`]: ({ dy, filter }, raw) => {
      const { attributes } = geometry({ input: raw.inputShape, filter: filter!.shape }, raw);
      return one({ shape: raw.inputShape, dtype: dy!.dtype }, { ...attributes, inputShape: raw.inputShape });
    },
    [`${prefix}BackpropFilter`]: ({ x, dy }, raw) => {
      const { attributes } = geometry({ input: x!.shape, filter: raw.filterShape }, raw);
      return one({ shape: raw.filterShape, dtype: dy!.dtype }, { ...attributes, filterShape: raw.filterShape });
    },
  };
}

export const convolutions: ShapeRules = { ...family("Conv2D", false), ...family("DepthwiseConv2dNative", true) };
