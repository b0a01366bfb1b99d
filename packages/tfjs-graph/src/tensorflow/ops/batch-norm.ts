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

interface Mode {
  type: TfType;
  isTraining: boolean;
}

function attributes(node: GraphNode, { type, isTraining }: Mode): Record<string, Uint8Array> {
  return {
    T: attr.type(type),
    U: attr.type("float32"),
    epsilon: attr.float(node.attributes.epsilon as number),
    is_training: attr.bool(isTraining),
    data_format: attr.string("NHWC"),
  };
}

/** The fused ops want images: values of the shape of x become `[rows, 1, 1, channels]`, and results go back. */
function imagesLike(x: Value, to: Lowering) {
  const type = typeFor(x, to);
  const channels = x.shape.at(-1)!;
  const reshaped = (ref: Ref, shape: readonly number[]): Ref => {
    if (x.shape.length === 4) return ref;
    return to.op({ op: "Reshape", type, attributes: { Tshape: attr.type("int32") } }, [ref, to.builder.ints(shape)]);
  };
  return {
    type,
    image: (value: Value): Ref => reshaped(to.ref(value, type), [sizeOf(x) / channels, 1, 1, channels]),
    set: (value: Value, image: Ref): void => to.set(value, { ref: reshaped(image, x.shape), type }),
  };
}

/** Forward nodes by the mean that they give. */
const forwards = new WeakMap<Value, Ref>();

export const batchNorm: Rules = {
  BatchNormTrain: (node, to) => {
    const x = node.inputs.x!;
    const [y, mean, variance] = node.outputs as [Value, Value, Value];
    const { type, image, set } = imagesLike(x, to);
    const empty = to.builder.constant(new Float32Array(), { type: "float32", shape: [0] });
    const inputs = [image(x), to.ref(node.inputs.gamma!), to.ref(node.inputs.beta!), empty, empty];
    const averaging = { exponential_avg_factor: attr.float(1) };
    const all = { ...attributes(node, { type, isTraining: true }), ...averaging };
    const ref = to.op({ op: "FusedBatchNormV3", attributes: all }, inputs);
    const rows = sizeOf(x) / x.shape.at(-1)!;
    forwards.set(mean, ref);
    set(y, ref);
    to.set(mean, `${ref}:1`);
    const unbiased = `${ref}:2`;
    to.setLazy(variance, () => to.op({ op: "Mul", type: "float32" }, [unbiased, to.builder.number((rows - 1) / rows)]));
  },
  BatchNormTrainGrad: (node, to) => {
    const { x, dy, gamma, mean } = node.inputs as Record<string, Value>;
    const { type, image, set } = imagesLike(x!, to);
    const forward = forwards.get(mean!)!;
    const saved = [3, 4, 5].map((i) => `${forward}:${i}`);
    const inputs = [image(dy!), image(x!), to.ref(gamma!), ...saved];
    const training = attributes(node, { type, isTraining: true });
    const ref = to.op({ op: "FusedBatchNormGradV3", attributes: training }, inputs);
    set(node.outputs[0]!, ref);
    to.set(node.outputs[1]!, `${ref}:1`);
    to.set(node.outputs[2]!, `${ref}:2`);
  },
  FusedBatchNorm: (node, to) => {
    const { x, mean, variance, offset, scale } = node.inputs;
    if ([mean, variance, offset, scale].some((value) => value !== undefined && value.shape.length !== 1)) {
      composed(node, to);
      return;
    }
    const { type, image, set } = imagesLike(x!, to);
    const channels = x!.shape.at(-1)!;
    const vector = (value: Value | undefined, otherwise: number): Ref =>
      value === undefined
        ? to.builder.constant(new Float32Array(channels).fill(otherwise), { type: "float32", shape: [channels] })
        : to.ref(value, "float32");
    const statistics = [vector(scale, 1), vector(offset, 0), vector(mean, 0), vector(variance, 1)];
    const inference = attributes(node, { type, isTraining: false });
    set(node.outputs[0]!, to.op({ op: "FusedBatchNormV3", attributes: inference }, [image(x!), ...statistics]));
  },
};

/** `(x - mean) / sqrt(variance + epsilon) * scale + offset`, for statistics that are not one number a channel. */
function composed(node: GraphNode, to: Lowering): void {
  const { x, mean, variance, offset, scale } = node.inputs as Record<string, Value>;
  const float = (value: Value): Ref => to.ref(value, "float32");
  const exact = (op: string, inputs: Ref[]): Ref => to.op({ op, type: "float32" }, inputs);
  const epsilon = to.builder.number(node.attributes.epsilon as number);
  const deviation = exact("Rsqrt", [exact("AddV2", [float(variance!), epsilon])]);
  let y = exact("Mul", [exact("Sub", [float(x!), float(mean!)]), deviation]);
  if (scale) y = exact("Mul", [y, float(scale)]);
  if (offset) y = exact("AddV2", [y, float(offset)]);
  to.set(node.outputs[0]!, { ref: y, type: "float32" });
}
