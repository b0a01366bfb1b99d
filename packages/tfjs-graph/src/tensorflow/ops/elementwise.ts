/** Element-wise ops: most kernels of tfjs are called as the ops of TensorFlow. */
import type { GraphNode } from "../../capture/graph.js";
import { attr, type TfType } from "../graph-def.js";
import type { Lowering, Rule, Rules } from "../lowering.js";
import { listOf } from "../../capture/shapes/rule.js";

/** Activations stay in bfloat16 where their input is. */
const activations = ["Elu", "Relu", "Relu6", "Selu", "Sigmoid", "Softplus", "Tanh", "Abs", "Neg", "Square"];
/** These lose too much in bfloat16. */
const exact = ["Exp", "Expm1", "Log", "Log1p", "Sqrt", "Rsqrt", "Reciprocal", "Erf", "Sin", "Cos", "Tan"];
const exactToo = ["Ceil", "Floor", "Round", "Sign", "Sinh", "Cosh", "Atan", "Asin", "Acos", "ZerosLike", "OnesLike"];

const unary =
  (op: string, isExact: boolean): Rule =>
  (node, to) => {
    const x = node.inputs.x!;
    const type = isExact ? x.dtype : to.common(node);
    to.set(node.outputs[0]!, to.op(op, [to.ref(x, type)], {}, type), type);
  };

const binaryNames: Record<string, string> = { Add: "AddV2", Multiply: "Mul", Mod: "FloorMod" };
const binaries = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow", "FloorDiv"];

const binary =
  (op: string): Rule =>
  (node, to) => {
    const type = node.outputs[0]!.dtype === "float32" ? to.common(node) : node.outputs[0]!.dtype;
    const inputs = [to.ref(node.inputs.a!, type), to.ref(node.inputs.b!, type)];
    to.set(node.outputs[0]!, to.op(op, inputs, {}, type), type);
  };

const comparison =
  (op: string): Rule =>
  (node, to) => {
    const type = node.inputs.a!.dtype;
    to.set(node.outputs[0]!, to.op(op, [to.ref(node.inputs.a!, type), to.ref(node.inputs.b!, type)], {}, type));
  };

const logical =
  (op: string): Rule =>
  (node, to) => {
    const inputs = Object.values(node.inputs).map((value) => to.ref(value));
    to.set(node.outputs[0]!, to.op(op, inputs));
  };

const rulesFor = (names: string[], rule: (name: string) => Rule): Rules =>
  Object.fromEntries(names.map((name) => [name, rule(name)]));

/** A gradient of an activation: (dy, what it was computed from). */
const gradient =
  (op: string, inputs: (node: GraphNode) => [dy: string, saved: string], isSavedFirst = false): Rule =>
  (node, to) => {
    const [dy, saved] = inputs(node);
    const type = to.common(node);
    const refs = [to.ref(node.inputs[dy]!, type), to.ref(node.inputs[saved]!, type)];
    to.set(node.outputs[0]!, to.op(op, isSavedFirst ? refs.toReversed() : refs, {}, type), type);
  };

export const elementwise: Rules = {
  ...rulesFor(activations, (name) => unary(name, false)),
  ...rulesFor([...exact, ...exactToo], (name) => unary(name, true)),
  ...rulesFor([...binaries, "Mod", "Atan2"], (name) => binary(binaryNames[name] ?? name)),
  ...rulesFor(["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"], comparison),
  ...rulesFor(["LogicalAnd", "LogicalOr", "LogicalNot"], logical),
  LogicalXor: (node, to) => {
    const inputs = [to.ref(node.inputs.a!), to.ref(node.inputs.b!)];
    to.set(node.outputs[0]!, to.op("NotEqual", inputs, {}, "bool"));
  },
  ...rulesFor(["IsNan", "IsInf", "IsFinite"], (name) => (node, to) => {
    to.set(node.outputs[0]!, to.op(name, [to.ref(node.inputs.x!, "float32")], {}, "float32"));
  }),
  Identity: (node, to) => to.set(node.outputs[0]!, to.ref(node.inputs.x!), to.typeOf(node.inputs.x!)),
  Cast: (node, to) => {
    const x = node.inputs.x!;
    const [from, into] = [to.typeOf(x), node.outputs[0]!.dtype];
    to.set(node.outputs[0]!, to.builder.cast(to.ref(x), from, into));
  },
  ClipByValue: (node, to) => {
    const type = node.outputs[0]!.dtype;
    const { min, max } = node.attributes as { min: number; max: number };
    const inputs = [to.ref(node.inputs.x!, type), to.builder.number(min), to.builder.number(max)];
    to.set(node.outputs[0]!, to.op("ClipByValue", inputs, {}, type));
  },
  LeakyRelu: (node, to) => {
    const type = to.common(node);
    const alpha = attr.float(node.attributes.alpha as number);
    to.set(node.outputs[0]!, to.op("LeakyRelu", [to.ref(node.inputs.x!, type)], { alpha }, type), type);
  },
  Step: (node, to) => {
    const x = node.inputs.x!;
    const type = to.common(node);
    const isPositive = to.op("Greater", [to.ref(x, type), to.builder.number(0, type)], {}, type);
    to.set(node.outputs[0]!, stepValues(isPositive, node.attributes.alpha as number, type, to), type);
  },
  Prelu: (node, to) => {
    const type = to.common(node);
    const [x, alpha] = [to.ref(node.inputs.x!, type), to.ref(node.inputs.alpha!, type)];
    const negative = to.op("Minimum", [x, to.builder.number(0, type)], {}, type);
    const slope = to.op("Mul", [negative, alpha], {}, type);
    to.set(node.outputs[0]!, to.op("AddV2", [to.op("Relu", [x], {}, type), slope], {}, type), type);
  },
  AddN: (node, to) => {
    const parts = listOf({ ...node.inputs });
    const type = node.outputs[0]!.dtype === "float32" ? to.common(node) : node.outputs[0]!.dtype;
    const refs = parts.map((part) => to.ref(part, type));
    to.set(node.outputs[0]!, to.op("AddN", refs, { N: attr.int(refs.length) }, type), type);
  },
  Select: (node, to) => {
    const { condition, t, e } = node.inputs;
    const type = node.outputs[0]!.dtype;
    const op = condition!.shape.length === 1 && t!.shape.length > 1 ? "Select" : "SelectV2";
    const inputs = [to.ref(condition!, "bool"), to.ref(t!, type), to.ref(e!, type)];
    to.set(node.outputs[0]!, to.op(op, inputs, {}, type));
  },
  EluGrad: gradient("EluGrad", () => ["dy", "y"]),
  ReluGrad: gradient("ReluGrad", () => ["dy", "features"]),
  SigmoidGrad: gradient("SigmoidGrad", () => ["dy", "y"], true),
  TanhGrad: gradient("TanhGrad", () => ["dy", "y"], true),
};

function stepValues(isPositive: string, alpha: number, type: TfType, to: Lowering): string {
  if (alpha === 0) return to.builder.cast(isPositive, "bool", type);
  const values = [isPositive, to.builder.number(1, type), to.builder.number(alpha, type)];
  return to.op("SelectV2", values, {}, type);
}
