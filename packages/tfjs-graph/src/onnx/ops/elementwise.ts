/** Ops that treat every element alike. They keep the layout of their (larger) input. */
import type { Value } from "../../capture/graph.js";
import { attributesOf, type Lowering, type LoweringRule, type OperandForm } from "../lowering.js";
import { ONNX_TYPES, type OnnxAttribute } from "../model.js";

type Expression = (x: string, lowering: Lowering) => string;

/** One input called `x`; the output has its layout. */
const unary =
  (expression: Expression, input = "x"): LoweringRule =>
  (node, lowering) => {
    const { name, layout } = lowering.value(node.inputs[input]!);
    lowering.set(node.outputs[0]!, { name: expression(name, lowering), layout });
  };

const same = (op: string, attributes: Record<string, OnnxAttribute> = {}): LoweringRule =>
  unary((x, { graph }) => graph.op({ op, ...attributes }, [x]));

/** For an op on these operands: the layout of one of the highest rank, not the tfjs order where there is a choice. */
function commonForm(operands: readonly Value[], lowering: Lowering): OperandForm {
  const rank = Math.max(...operands.map(({ shape }) => shape.length));
  const widest = operands.filter(({ shape }) => shape.length === rank);
  const ordered = widest.find((operand) => lowering.value(operand).layout !== null);
  return { rank, layout: ordered === undefined ? null : lowering.value(ordered).layout };
}

/** Inputs `a` and `b`, broadcast. */
const binary =
  (expression: (operands: [a: string, b: string], lowering: Lowering) => string): LoweringRule =>
  (node, lowering) => {
    const { a, b } = node.inputs as { a: Value; b: Value };
    const form = commonForm([a, b], lowering);
    const name = expression([lowering.operand(a, form), lowering.operand(b, form)], lowering);
    lowering.set(node.outputs[0]!, { name, layout: form.layout });
  };

const binaryOp = (op: string): LoweringRule => binary((operands, { graph }) => graph.op(op, operands));

const not = (x: string, { graph }: Lowering): string => graph.op("Not", [x]);

const step: LoweringRule = (node, lowering) => {
  const { alpha } = attributesOf<{ alpha: number }>(node);
  const x = node.inputs.x!;
  const { graph } = lowering;
  // relu(x) > 0 exactly where x > 0; reading it lets onnxruntime fuse the ReLU into the op before.
  const relus = lowering.peepholes.has("step-of-relu") ? lowering.consumers(x) : [];
  const relu = relus.find(({ op, outputs }) => op === "Relu" && lowering.isLowered(outputs[0]!));
  const { name, layout } = lowering.value(relu?.outputs[0] ?? x);
  const positive = graph.op("Greater", [name, graph.scalar(0)]);
  const value = graph.op({ op: "Cast", to: ONNX_TYPES.float32 }, [positive]);
  const slope = (): string => graph.op("Where", [positive, graph.scalar(1), graph.scalar(alpha)]);
  lowering.set(node.outputs[0]!, { name: alpha === 0 ? value : slope(), layout });
};

const cast: LoweringRule = (node, lowering) => {
  const [x, output] = [node.inputs.x!, node.outputs[0]!];
  const { name, layout, type } = lowering.value(x);
  const to = output.dtype;
  const made = type === to ? name : lowering.graph.op({ op: "Cast", to: ONNX_TYPES[to] }, [name]);
  lowering.set(output, { name: made, layout, type: to });
};

const clipByValue: LoweringRule = (node, lowering) => {
  const { min, max } = attributesOf<{ min: number; max: number }>(node);
  const { graph } = lowering;
  const { name, layout } = lowering.value(node.inputs.x!);
  lowering.set(node.outputs[0]!, { name: graph.op("Clip", [name, graph.scalar(min), graph.scalar(max)]), layout });
};

const addN: LoweringRule = (node, lowering) => {
  const operands = Object.values(node.inputs);
  const form = commonForm(operands, lowering);
  const names = operands.map((operand) => lowering.operand(operand, form));
  const sum = names.reduce((total, name) => lowering.graph.op("Add", [total, name]));
  lowering.set(node.outputs[0]!, { name: sum, layout: form.layout });
};

const select: LoweringRule = (node, lowering) => {
  const { condition, t, e } = node.inputs as Record<"condition" | "t" | "e", Value>;
  const form = commonForm([t, e], lowering);
  const [yes, no] = [lowering.operand(t, form), lowering.operand(e, form)];
  const name = lowering.graph.op("Where", [lowering.operand(condition, form), yes, no]);
  lowering.set(node.outputs[0]!, { name, layout: form.layout });
};

/** dy * (y > 0 ? 1 : y + 1): the derivative of ELU in terms of its output. */
const eluGrad: LoweringRule = (node, lowering) => {
  const { dy, y } = node.inputs as Record<"dy" | "y", Value>;
  const form = commonForm([y, dy], lowering);
  const { graph } = lowering;
  const value = lowering.operand(y, form);
  const slope = graph.op("Add", [graph.op("Min", [value, graph.scalar(0)]), graph.scalar(1)]);
  lowering.set(node.outputs[0]!, { name: graph.op("Mul", [lowering.operand(dy, form), slope]), layout: form.layout });
};

const prelu: LoweringRule = (node, lowering) => {
  const { x, alpha } = node.inputs as Record<"x" | "alpha", Value>;
  const { name, layout } = lowering.value(x);
  const slope = lowering.operand(alpha, { rank: x.shape.length, layout });
  lowering.set(node.outputs[0]!, { name: lowering.graph.op("PRelu", [name, slope]), layout });
};

const leakyRelu: LoweringRule = (node, lowering) => {
  const { alpha } = attributesOf<{ alpha: number }>(node);
  unary((x, { graph }) => graph.op({ op: "LeakyRelu", alpha: { float: alpha } }, [x]))(node, lowering);
};

const identity: LoweringRule = (node, lowering) => {
  const { name, layout, type } = lowering.value(node.inputs.x!);
  lowering.set(node.outputs[0]!, { name, layout, type });
};

const filled =
  (value: number): LoweringRule =>
  (node, lowering) => {
    const output = node.outputs[0]!;
    const { graph } = lowering;
    const scalar = graph.op({ op: "Cast", to: ONNX_TYPES[output.dtype] }, [graph.scalar(value)]);
    lowering.set(output, { name: graph.op("Expand", [scalar, graph.integers(output.shape)]) });
  };

const floorDiv: LoweringRule = (node, lowering) => {
  const quotient = binary((operands, { graph }) => {
    const floats = operands.map((name) => graph.op({ op: "Cast", to: ONNX_TYPES.float32 }, [name]));
    const floor = graph.op("Floor", [graph.op("Div", floats)]);
    return graph.op({ op: "Cast", to: ONNX_TYPES[node.outputs[0]!.dtype] }, [floor]);
  });
  quotient(node, lowering);
};

export const elementwise: Record<string, LoweringRule> = {
  Abs: same("Abs"),
  Ceil: same("Ceil"),
  Cos: same("Cos"),
  Elu: same("Elu"),
  Erf: same("Erf"),
  Exp: same("Exp"),
  Expm1: unary((x, { graph }) => graph.op("Sub", [graph.op("Exp", [x]), graph.scalar(1)])),
  Floor: same("Floor"),
  IsNan: same("IsNaN"),
  Log: same("Log"),
  Log1p: unary((x, { graph }) => graph.op("Log", [graph.op("Add", [x, graph.scalar(1)])])),
  LogicalNot: unary(not),
  Neg: same("Neg"),
  Reciprocal: same("Reciprocal"),
  Relu: same("Relu"),
  Relu6: unary((x, { graph }) => graph.op("Clip", [x, graph.scalar(0), graph.scalar(6)])),
  Round: same("Round"),
  Rsqrt: unary((x, { graph }) => graph.op("Reciprocal", [graph.op("Sqrt", [x])])),
  Selu: same("Selu"),
  Sigmoid: same("Sigmoid"),
  Sign: same("Sign"),
  Sin: same("Sin"),
  Softplus: same("Softplus"),
  Sqrt: same("Sqrt"),
  Square: unary((x, { graph }) => graph.op("Mul", [x, x])),
  Tanh: same("Tanh"),
  Step: step,
  Cast: cast,
  ClipByValue: clipByValue,
  Identity: identity,
  LeakyRelu: leakyRelu,
  Prelu: prelu,
  EluGrad: eluGrad,
  ZerosLike: filled(0),
  OnesLike: filled(1),
  Add: binaryOp("Add"),
  AddN: addN,
  Sub: binaryOp("Sub"),
  Multiply: binaryOp("Mul"),
  RealDiv: binaryOp("Div"),
  FloorDiv: floorDiv,
  Maximum: binaryOp("Max"),
  Minimum: binaryOp("Min"),
  Pow: binaryOp("Pow"),
  SquaredDifference: binary((operands, { graph }) => {
    const difference = graph.op("Sub", operands);
    return graph.op("Mul", [difference, difference]);
  }),
  Equal: binaryOp("Equal"),
  NotEqual: binary((operands, lowering) => not(lowering.graph.op("Equal", operands), lowering)),
  Greater: binaryOp("Greater"),
  GreaterEqual: binaryOp("GreaterOrEqual"),
  Less: binaryOp("Less"),
  LessEqual: binaryOp("LessOrEqual"),
  LogicalAnd: binaryOp("And"),
  LogicalOr: binaryOp("Or"),
  Select: select,
};
