/**
 * Element-wise ops. Unary: input `x`. Binary: inputs `a`, `b`, broadcast as in NumPy. Comparisons and logic give bool.
 * `Cast` {dtype}, `ClipByValue` {min, max}, `LeakyRelu` and `Step` {alpha}, `Prelu` (x, alpha), `EluGrad` (dy, y),
 * `Select` (condition, t, e), `FusedBatchNorm` (x, mean, variance, offset, scale) {epsilon}.
 */
import { tf } from "../../tf.js";
import { listOf, one, type Shape, type ShapeRule, type ShapeRules } from "./rule.js";

const unary: ShapeRule = ({ x }) => one({ shape: x!.shape, dtype: x!.dtype });
const predicate: ShapeRule = ({ x }) => one({ shape: x!.shape, dtype: "bool" });

export const broadcast = (a: Shape, b: Shape): number[] => tf.backend_util.assertAndGetBroadcastShape([...a], [...b]);

const binary: ShapeRule = ({ a, b }) => one({ shape: broadcast(a!.shape, b!.shape), dtype: a!.dtype });
const comparison: ShapeRule = ({ a, b }) => one({ shape: broadcast(a!.shape, b!.shape), dtype: "bool" });

const all = (names: string[], rule: ShapeRule): ShapeRules => Object.fromEntries(names.map((name) => [name, rule]));

export const elementwise: ShapeRules = {
  ...all(["Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Expm1", "Floor", "Identity", "Log", "Log1p", "Neg"], unary),
  ...all(["Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Softplus"], unary),
  ...all(["Sqrt", "Square", "Tan", "Tanh", "ZerosLike", "OnesLike", "Sinh", "Cosh", "Atan", "Asin", "Acos"], unary),
  ...all(["LogicalNot", "IsNan", "IsInf", "IsFinite"], predicate),
  ...all(["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"], binary),
  ...all(["FloorDiv", "Mod", "Atan2"], binary),
  ...all(["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"], comparison),
  ...all(["LogicalAnd", "LogicalOr", "LogicalXor"], comparison),
  Cast: ({ x }, { dtype }) => one({ shape: x!.shape, dtype }, { dtype }),
  ClipByValue: ({ x }, { clipValueMin, clipValueMax }) =>
    one({ shape: x!.shape, dtype: x!.dtype }, { min: clipValueMin, max: clipValueMax }),
  LeakyRelu: ({ x }, { alpha }) => one({ shape: x!.shape, dtype: x!.dtype }, { alpha }),
  Step: ({ x }, { alpha }) => one({ shape: x!.shape, dtype: x!.dtype }, { alpha: alpha ?? 0 }),
  Prelu: ({ x, alpha }) => one({ shape: broadcast(x!.shape, alpha!.shape), dtype: x!.dtype }),
  EluGrad: ({ dy }) => one({ shape: dy!.shape, dtype: dy!.dtype }),
  FusedBatchNorm: ({ x }, { varianceEpsilon }) =>
    one({ shape: x!.shape, dtype: "float32" }, { epsilon: varianceEpsilon ?? 1e-3 }),
  AddN: (inputs) => {
    const [first] = listOf(inputs);
    return one({ shape: first!.shape, dtype: first!.dtype });
  },
  Select: ({ condition, t, e }) => {
    // tfjs lets a condition of rank 1 pick whole rows.
    const isByRow = condition!.shape.length === 1 && t!.shape.length > 1;
    return one({
      shape: isByRow ? t!.shape : broadcast(condition!.shape, broadcast(t!.shape, e!.shape)),
      dtype: t!.dtype,
    });
  },
};
