/** Element-wise ops: most kernels of tfjs are called as the ops of TensorFlow. */
import { attr } from "../graph-def.js";
import type { Rule, Rules } from "../lowering.js";
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
    to.set(node.outputs[0]!, { ref: to.op({ op, type }, [to.ref(x, type)]), type });
  };

const binaryNames: Record<string, string> = { Add: "AddV2", Multiply: "Mul", Mod: "FloorMod" };
const binaries = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow", "FloorDiv"];

const binary =
  (op: string): Rule =>
  (node, to) => {
    const type = node.outputs[0]!.dtype === "float32" ? to.common(node) : node.outputs[0]!.dtype;
    const inputs = [to.ref(node.inputs.a!, type), to.ref(node.inputs.b!, type)];
    to.set(node.outputs[0]!, { ref: to.op({ op, type }, inputs), type });
  };

const comparison =
  (op: string): Rule =>
  (node, to) => {
    const type = node.inputs.a!.dtype;
    to.set(node.outputs[0]!, to.op({ op, type }, [to.ref(node.inputs.a!, type), to.ref(node.inputs.b!, type)]));
  };

const logical =
  (op: string): Rule =>
  (node, to) => {
    const inputs = Object.values(node.inputs).map((value) => to.ref(value));
    to.set(node.outputs[0]!, to.op(op, inputs));
  };

const rulesFor = (names: string[], rule: (name: string) => Rule): Rules =>
  Object.fromEntries(names.map((name) => [name, rule(name)]));

/** A gradient of an activation from dy and what was saved: `inputs` in the order of TensorFlow's op. */
const gradient =
  (op: string, inputs: [string, string]): Rule =>
  (node, to) => {
    const type = to.common(node);
    const refs = inputs.map((name) => to.ref(node.inputs[name]!, type));
    to.set(node.outputs[0]!, { ref: to.op({ op, type }, refs), type });
  };

export const elementwise: Rules = {
  ...rulesFor(activations, (name) => unary(name, false)),
  ...rulesFor([...exact, ...exactToo], (name) => unary(name, true)),
  ...rulesFor([...binaries, "Mod", "Atan2"], (name) => binary(binaryNames[name] ?? name)),
  ...rulesFor(["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"], comparison),
  ...rulesFor(["LogicalAnd", "LogicalOr", "LogicalNot"], logical),
  LogicalXor: (node, to) => {
    const inputs = [to.ref(node.inputs.a!), to.ref(node.inputs.b!)];
    to.set(node.outputs[0]!, to.op({ op: "NotEqual", type: "bool" }, inputs));
  },
  ...rulesFor(["IsNan", "IsInf", "IsFinite"], (name) => (node, to) => {
    to.set(node.outputs[0]!, to.op({ op: name, type: "float32" }, [to.ref(node.inputs.x!, "float32")]));
  }),
  Identity: (node, to) => to.set(node.outputs[0]!, { ref: to.ref(node.inputs.x!), type: to.typeOf(node.inputs.x!) }),
  Cast: (node, to) => {
    const x = node.inputs.x!;
    const [from, into] = [to.typeOf(x), node.outputs[0]!.dtype];
    to.set(node.outputs[0]!, to.builder.cast(to.ref(x), { from, to: into }));
  },
  ClipByValue: (node, to) => {
    const type = node.outputs[0]!.dtype;
    const { min, max } = node.attributes as { min: number; max: number };
    const inputs = [to.ref(node.inputs.x!, type), to.builder.number(min), to.builder.number(max)];
    to.set(node.outputs[0]!, to.op({ op: "ClipByValue", type }, inputs));
  },
  LeakyRelu: (node, to) => {
    const type = to.common(node);
    const alpha = attr.float(node.attributes.alpha as number);
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "LeakyRelu", type, attributes: { alpha } }, [to.ref(node.inputs.x!, type)]),
      type,
    });
  },
  Step: (node, to) => {
    const x = node.inputs.x!;
    const type = to.common(node);
    const isPositive = to.op({ op: "Greater", type }, [to.ref(x, type), to.builder.number(0, type)]);
    const alpha = node.attributes.alpha as number;
    const ref =
      alpha === 0
        ? to.builder.cast(isPositive, { from: "bool", to: type })
        : to.op({ op: "SelectV2", type }, [isPositive, to.builder.number(1, type), to.builder.number(alpha, type)]);
    to.set(node.outputs[0]!, { ref, type });
  },
  Prelu: (node, to) => {
    const type = to.common(node);
    const [x, alpha] = [to.ref(node.inputs.x!, type), to.ref(node.inputs.alpha!, type)];
    const negative = to.op({ op: "Minimum", type }, [x, to.builder.number(0, type)]);
    const slope = to.op({ op: "Mul", type }, [negative, alpha]);
    to.set(node.outputs[0]!, { ref: to.op({ op: "AddV2", type }, [to.op({ op: "Relu", type }, [x]), slope]), type });
  },
  AddN: (node, to) => {
    const parts = listOf({ ...node.inputs });
    const type = node.outputs[0]!.dtype === "float32" ? to.common(node) : node.outputs[0]!.dtype;
    const refs = parts.map((part) => to.ref(part, type));
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "AddN", type, attributes: { N: attr.int(refs.length) } }, refs),
      type,
    });
  },
  Select: (node, to) => {
    const { condition, t, e } = node.inputs;
    const type = node.outputs[0]!.dtype;
    const op = condition!.shape.length === 1 && t!.shape.length > 1 ? "Select" : "SelectV2";
    const inputs = [to.ref(condition!, "bool"), to.ref(t!, type), to.ref(e!, type)];
    to.set(node.outputs[0]!, to.op({ op, type }, inputs));
  },
  EluGrad: gradient("EluGrad", ["dy", "y"]),
  ReluGrad: gradient("ReluGrad", ["dy", "features"]),
  SigmoidGrad: gradient("SigmoidGrad", ["y", "dy"]),
  TanhGrad: gradient("TanhGrad", ["y", "dy"]),
};
