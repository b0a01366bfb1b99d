/**
 * Batch normalization as TensorFlow's fused ops. Their variance output is the unbiased one; ours is biased, so it is
 * multiplied by (n - 1) / n. The gradient wants what the forward op set aside, found through the `mean` it reads.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { attr, type Ref, type TfType } from "../graph-def.js";
import { sizeOf, type Lowering, type Rules } from "../lowering.js";

/**
 * The type to normalize in: oneDNN has no fast bfloat16 kernel where the channels do not fill its vectors of 16, and
 * its general one takes ten times as long as float32 with casts.
 */
const typeFor = (x: Value, to: Lowering): TfType => (x.shape.at(-1)! % 16 === 0 ? to.typeOf(x) : x.dtype);

function attributes(node: GraphNode, type: TfType, isTraining: boolean): Record<string, Uint8Array> {
  return {
    T: attr.type(type),
    U: attr.type("float32"),
    epsilon: attr.float(node.attributes.epsilon as number),
    is_training: attr.bool(isTraining),
    data_format: attr.string("NHWC"),
  };
}

/** The fused ops want images; other ranks become `[rows, 1, 1, channels]`. */
function asImages(value: Value, ref: Ref, type: TfType, to: Lowering): Ref {
  if (value.shape.length === 4) return ref;
  const channels = value.shape.at(-1)!;
  const shape = to.builder.ints([sizeOf(value) / channels, 1, 1, channels]);
  return to.op("Reshape", [ref, shape], { Tshape: attr.type("int32") }, type);
}

function asBefore(value: Value, ref: Ref, type: TfType, to: Lowering): Ref {
  if (value.shape.length === 4) return ref;
  return to.op("Reshape", [ref, to.builder.ints(value.shape)], { Tshape: attr.type("int32") }, type);
}

/** Forward nodes by the mean that they give. */
const forwards = new WeakMap<Value, Ref>();

export const batchNorm: Rules = {
  BatchNormTrain: (node, to) => {
    const x = node.inputs.x!;
    const [y, mean, variance] = node.outputs as [Value, Value, Value];
    const type = typeFor(x, to);
    const empty = to.builder.constant("float32", [0], new Float32Array());
    const inputs = [
      asImages(x, to.ref(x, type), type, to),
      to.ref(node.inputs.gamma!),
      to.ref(node.inputs.beta!),
      empty,
      empty,
    ];
    const extra = { exponential_avg_factor: attr.float(1) };
    const ref = to.op("FusedBatchNormV3", inputs, { ...attributes(node, type, true), ...extra });
    const rows = sizeOf(x) / x.shape.at(-1)!;
    forwards.set(mean, ref);
    to.set(y, asBefore(x, ref, type, to), type);
    to.set(mean, `${ref}:1`);
    const unbiased = `${ref}:2`;
    to.setLazy(variance, () => to.op("Mul", [unbiased, to.builder.number((rows - 1) / rows)], {}, "float32"));
  },
  BatchNormTrainGrad: (node, to) => {
    const { x, dy, gamma, mean } = node.inputs as Record<string, Value>;
    const type = typeFor(x!, to);
    const forward = forwards.get(mean!)!;
    const images = [asImages(x!, to.ref(dy!, type), type, to), asImages(x!, to.ref(x!, type), type, to)];
    const saved = [3, 4, 5].map((i) => `${forward}:${i}`);
    const ref = to.op("FusedBatchNormGradV3", [...images, to.ref(gamma!), ...saved], attributes(node, type, true));
    to.set(node.outputs[0]!, asBefore(x!, ref, type, to), type);
    to.set(node.outputs[1]!, `${ref}:1`);
    to.set(node.outputs[2]!, `${ref}:2`);
  },
  FusedBatchNorm: (node, to) => {
    const { x, mean, variance, offset, scale } = node.inputs;
    if ([mean, variance, offset, scale].some((value) => value !== undefined && value.shape.length !== 1)) {
      composed(node, to);
      return;
    }
    const type = typeFor(x!, to);
    const channels = x!.shape.at(-1)!;
    const vector = (value: Value | undefined, otherwise: number): Ref =>
      value === undefined
        ? to.builder.constant("float32", [channels], new Float32Array(channels).fill(otherwise))
        : to.ref(value, "float32");
    const statistics = [vector(scale, 1), vector(offset, 0), vector(mean, 0), vector(variance, 1)];
    const inputs = [asImages(x!, to.ref(x!, type), type, to), ...statistics];
    const ref = to.op("FusedBatchNormV3", inputs, attributes(node, type, false));
    to.set(node.outputs[0]!, asBefore(x!, ref, type, to), type);
  },
};

/** `(x - mean) / sqrt(variance + epsilon) * scale + offset`, for statistics that are not one number a channel. */
function composed(node: GraphNode, to: Lowering): void {
  const { x, mean, variance, offset, scale } = node.inputs as Record<string, Value>;
  const float = (value: Value): Ref => to.ref(value, "float32");
  const binary = (op: string, a: Ref, b: Ref): Ref => to.op(op, [a, b], {}, "float32");
  const epsilon = to.builder.number(node.attributes.epsilon as number);
  const deviation = to.op("Rsqrt", [binary("AddV2", float(variance!), epsilon)], {}, "float32");
  let y = binary("Mul", binary("Sub", float(x!), float(mean!)), deviation);
  if (scale) y = binary("Mul", y, float(scale));
  if (offset) y = binary("AddV2", y, float(offset));
  to.set(node.outputs[0]!, y, "float32");
}
