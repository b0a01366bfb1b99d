/**
 * Pools, NHWC: `MaxPool` and `AvgPool` (x), `MaxPoolGrad` (dy, input, output), `AvgPoolGrad` (dy, input), all with
 * {window: [h, w], strides: [h, w], pads: [top, bottom, left, right], pad}. The gradient of a tie goes to the first
 * maximum in row-major order; averages do not count padding.
 */
import { tf } from "../../tf.js";
import type { Attributes } from "../graph.js";
import { padKind } from "./convolutions.js";
import { one, pair, type RawAttributes, type Shape, type ShapeRules } from "./rule.js";

function geometry(inputShape: Shape, raw: RawAttributes): { outShape: number[]; attributes: Attributes } {
  const [window, strides] = [pair(raw.filterSize), pair(raw.strides)];
  const shape = [...inputShape] as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, window, strides, 1, raw.pad, raw.dimRoundingMode);
  const { top, bottom, left, right } = info.padInfo;
  return {
    outShape: info.outShape,
    attributes: { window, strides, pads: [top, bottom, left, right], pad: padKind(raw.pad) },
  };
}

export const pools: ShapeRules = Object.fromEntries(
  ["MaxPool", "AvgPool"].flatMap((name) => [
    [
      name,
      ({ x }, raw) => {
        const { outShape, attributes } = geometry(x!.shape, raw);
        return one({ shape: outShape, dtype: x!.dtype }, attributes);
      },
    ],
    [
      `${name}Grad`,
      ({ input }, raw) => one({ shape: input!.shape, dtype: input!.dtype }, geometry(input!.shape, raw).attributes),
    ],
  ]),
) as ShapeRules;
