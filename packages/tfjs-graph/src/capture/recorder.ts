/** Collects the values and nodes of one capture, and knows which tensor of tfjs stands for which value. */
import type { Tensor, TensorInfo, Variable } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import { currentLayer } from "../layers/step-context.js";
import { tf } from "../tf.js";
import type { GraphConstant, GraphInput, GraphNode, InputSpec, Value, ValueType } from "./graph.js";
import { shapeRules } from "./shapes/index.js";
import type { RawAttributes } from "./shapes/rule.js";

type Data = Float32Array | Int32Array | Uint8Array;

/** A call of a kernel, as tfjs makes it. */
export interface KernelCall {
  op: string;
  inputs: Record<string, TensorInfo>;
  /** Left out where the op has none. */
  attributes?: RawAttributes;
}

/** A constant of one repeated value this long is recorded as `Fill`. */
const FILL_FROM = 16;

export class Recorder {
  readonly inputs: GraphInput[] = [];
  readonly constants: GraphConstant[] = [];
  readonly nodes: GraphNode[] = [];
  /** Variables that were read, with the value they had before the step. */
  readonly variables = new Map<Variable, Value>();
  private readonly values = new WeakMap<object, Value>();
  private readonly layers = new WeakMap<Value, string>();
  private count = 0;

  /** @param registered Variables that exist outside of the capture, by tensor id. */
  constructor(private readonly registered: ReadonlyMap<number, Variable>) {}

  input({ name, shape, dtype = "float32" }: InputSpec): TensorInfo {
    const info = this.info(shape, dtype);
    this.inputs.push({ name, value: this.values.get(info.dataId)! });
    return info;
  }

  constant(data: Data, { shape, dtype }: { shape: readonly number[]; dtype: ValueType }): TensorInfo {
    if (data.length >= FILL_FROM && data.every((value) => value === data[0])) {
      const attributes = { shape: [...shape], value: data[0]!, dtype };
      return this.record({ op: "Fill", inputs: {}, attributes })[0]!;
    }
    const info = this.info(shape, dtype);
    this.constants.push({ value: this.values.get(info.dataId)!, data });
    return info;
  }

  /** The value of a tensor, or undefined when it was not made by this capture. */
  valueOf(tensor: { dataId: object }): Value | undefined {
    return this.values.get(tensor.dataId);
  }

  record({ op, inputs, attributes: raw = {} }: KernelCall): TensorInfo[] {
    const values: Record<string, Value> = {};
    for (const [name, tensor] of Object.entries(inputs)) {
      if (tensor !== null && tensor !== undefined) values[name] = this.resolve(tensor);
    }
    const { outputs, attributes = {} } = shapeRules[op]!(values, raw);
    const infos = outputs.map(({ shape, dtype }) => this.info(shape, dtype));
    const made = infos.map((info) => this.values.get(info.dataId)!);
    const running = currentLayer();
    const layer = running ?? this.layerOf(Object.values(values)) ?? null;
    for (const value of running === undefined ? [] : [...made, ...Object.values(values)]) {
      if (!this.layers.has(value)) this.layers.set(value, running!);
    }
    this.nodes.push({ op, inputs: values, attributes, outputs: made, layer });
    return infos;
  }

  /** The layer that a node outside of any belongs to: that of the youngest value which it reads of a layer. */
  private layerOf(values: Value[]): string | undefined {
    const known = values.filter((value) => this.layers.has(value)).sort((a, b) => b.id - a.id);
    return known[0] === undefined ? undefined : this.layers.get(known[0]);
  }

  resolve(tensor: TensorInfo): Value {
    const known = this.values.get(tensor.dataId);
    if (known !== undefined) return known;
    const variable = this.registered.get((tensor as Tensor).id);
    if (variable !== undefined) return this.variable(variable);
    return this.foreign(tensor as Tensor);
  }

  variable(variable: Variable): Value {
    const known = this.variables.get(variable);
    if (known !== undefined) return known;
    const value = this.value(variable.shape, typeOf(variable.dtype));
    this.variables.set(variable, value);
    return value;
  }

  /** A tensor made outside of the capture that is not a variable: its present data becomes a constant. */
  private foreign(tensor: Tensor): Value {
    const data = tf.engine().readSync(tensor.dataId) as Data;
    const value = this.value(tensor.shape, typeOf(tensor.dtype));
    this.values.set(tensor.dataId, value);
    this.constants.push({ value, data: data.slice() });
    return value;
  }

  private info(shape: readonly number[], dtype: ValueType): TensorInfo {
    const dataId = {};
    this.values.set(dataId, this.value(shape, dtype));
    // tfjs knows no uint8; inside the function such an input is an int32 tensor.
    return { dataId, shape: [...shape], dtype: dtype === "uint8" ? "int32" : dtype };
  }

  private value(shape: readonly number[], dtype: ValueType): Value {
    return { id: this.count++, shape: [...shape], dtype };
  }
}

function typeOf(dtype: string): ValueType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new GraphError({
    code: "UNSUPPORTED_TYPE",
    subject: "tensor",
    found: `its type is ${dtype}`,
    expected: "float32, int32 or bool",
    fix: "Convert it before the step",
  });
}
