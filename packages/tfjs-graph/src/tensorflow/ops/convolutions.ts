/**
 * Convolutions and their gradients, in the fast type of the precision.
 *
 * Three gradients are not given to TensorFlow as they are; `test/sweep.test.ts` found them and watches them:
 * - of a 1x1 filter with a stride: oneDNN in TensorFlow 2.21 writes past its buffers where the channels do not fill a
 *   vector (float32 and bfloat16, from about 20 x 20 pixels on), and the process dies. The pixels that the filter sees
 *   are sliced out, and the stride is 1;
 * - of a filter with taps that only ever see padding (images smaller than the filter): in bfloat16 oneDNN leaves their
 *   gradient, which is zero, unwritten. With the padding written out every tap sees zeros;
 * - with explicit pads: TensorFlow has no oneDNN kernel and adds up in bfloat16, which loses up to a tenth.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { attr, type Ref } from "../graph-def.js";
import type { Lowering, Rules } from "../lowering.js";

interface ConvGeometry {
  strides: [number, number];
  dilations: [number, number];
  /** Top, bottom, left, right. */
  pads: [number, number, number, number];
  pad: "same" | "valid" | "explicit";
}

const index = attr.type("int32");
const geometryOf = (node: GraphNode): ConvGeometry => node.attributes as unknown as ConvGeometry;

function attributesOf({ strides, dilations, pads, pad }: ConvGeometry): Record<string, Uint8Array> {
  const [top, bottom, left, right] = pads;
  const explicit = pad === "explicit" ? [0, 0, top, bottom, left, right, 0, 0] : [];
  return {
    strides: attr.ints([1, ...strides, 1]),
    dilations: attr.ints([1, ...dilations, 1]),
    padding: attr.string(pad.toUpperCase()),
    explicit_paddings: attr.ints(explicit),
    data_format: attr.string("NHWC"),
  };
}

/** The padding as part of the image: a "valid" convolution of `[n, h + top + bottom, w + left + right, c]`. */
function paddedShape(shape: readonly number[], [top, bottom, left, right]: ConvGeometry["pads"]): number[] {
  const [n, height, width, channels] = shape as [number, number, number, number];
  return [n, height + top + bottom, width + left + right, channels];
}

function padded(
  to: Lowering,
  { ref, pads: [top, bottom, left, right] }: { ref: Ref } & Pick<ConvGeometry, "pads">,
): Ref {
  if (top + bottom + left + right === 0) return ref;
  const pairs = Int32Array.of(0, 0, top, bottom, left, right, 0, 0);
  const inputs = [ref, to.builder.constant(pairs, { type: "int32", shape: [4, 2] }), to.builder.number(0, to.fast)];
  return to.op({ op: "PadV2", type: to.fast, attributes: { Tpaddings: index } }, inputs);
}

/** True where a tap of the filter sees only padding. */
function hasBlindTap(
  { image, filter, dy }: Record<"image" | "filter" | "dy", readonly number[]>,
  { strides, dilations, pads }: ConvGeometry,
): boolean {
  return [0, 1].some((i) => {
    const sees = (tap: number): boolean =>
      Array.from({ length: dy[i + 1]! }, (_, at) => at * strides[i]! + tap * dilations[i]! - pads[2 * i]!).some(
        (position) => position >= 0 && position < image[i + 1]!,
      );
    return Array.from({ length: filter[i]! }, (_, tap) => tap).some((tap) => !sees(tap));
  });
}

interface Pixels extends Pick<ConvGeometry, "strides"> {
  /** `[n, h, w, c]` */
  ref: Ref;
  dy: Value;
}

/** The pixels that a 1x1 filter sees: as many as dy has. */
function strided(to: Lowering, { ref, strides: [height, width], dy }: Pixels): Ref {
  const [n, rows, columns] = dy.shape as [number, number, number];
  const end = [n, (rows - 1) * height + 1, (columns - 1) * width + 1, 0];
  const bounds = [[0, 0, 0, 0], end, [1, height, width, 1]].map((values) => to.builder.ints(values));
  // Bit 3 of the mask: all channels, whatever `end` says.
  const attributes = { Index: index, end_mask: attr.int(8) };
  return to.op({ op: "StridedSlice", type: to.fast, attributes }, [ref, ...bounds]);
}

const family = (name: string): Rules => ({
  [name]: (node, to) => {
    const inputs = [to.ref(node.inputs.x!, to.fast), to.ref(node.inputs.filter!, to.fast)];
    const ref = to.op({ op: name, type: to.fast, attributes: attributesOf(geometryOf(node)) }, inputs);
    to.set(node.outputs[0]!, { ref, type: to.fast });
  },
  [`${name}BackpropInput`]: (node, to) => {
    const geometry = geometryOf(node);
    const inputShape = node.attributes.inputShape as number[];
    const isExplicit = geometry.pad === "explicit";
    const shape = isExplicit ? paddedShape(inputShape, geometry.pads) : inputShape;
    const inputs = [to.builder.ints(shape), to.ref(node.inputs.filter!, to.fast), to.ref(node.inputs.dy!, to.fast)];
    const attributes = attributesOf(isExplicit ? { ...geometry, pad: "valid" } : geometry);
    let dx = to.op({ op: `${name}BackpropInput`, type: to.fast, attributes }, inputs);
    if (isExplicit) {
      const [top, , left] = geometry.pads;
      const bounds = [to.builder.ints([0, top, left, 0]), to.builder.ints(inputShape)];
      dx = to.op({ op: "Slice", type: to.fast, attributes: { Index: index } }, [dx, ...bounds]);
    }
    to.set(node.outputs[0]!, { ref: dx, type: to.fast });
  },
  [`${name}BackpropFilter`]: (node, to) => {
    const { x, dy } = node.inputs as { x: Value; dy: Value };
    const filterShape = node.attributes.filterShape as number[];
    let geometry = geometryOf(node);
    let input = to.ref(x, to.fast);
    if (geometry.pad === "explicit" || hasBlindTap({ image: x.shape, filter: filterShape, dy: dy.shape }, geometry)) {
      input = padded(to, { ref: input, pads: geometry.pads });
      geometry = { ...geometry, pad: "valid" };
    }
    const isPoint = filterShape[0] === 1 && filterShape[1] === 1;
    if (isPoint && geometry.strides.some((stride) => stride > 1)) {
      input = strided(to, { ref: input, strides: geometry.strides, dy });
      geometry = { ...geometry, strides: [1, 1], pad: "valid" };
    }
    const inputs = [input, to.builder.ints(filterShape), to.ref(dy, to.fast)];
    const operator = { op: `${name}BackpropFilter`, type: to.fast, attributes: attributesOf(geometry) };
    to.set(node.outputs[0]!, { ref: to.op(operator, inputs), type: to.fast });
  },
});

export const convolutions: Rules = { ...family("Conv2D"), ...family("DepthwiseConv2dNative") };
