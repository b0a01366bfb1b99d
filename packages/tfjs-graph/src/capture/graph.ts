/**
 * The captured graph: what a tfjs function does to symbolic tensors, as a list of nodes in an order that can be
 * executed. It is a pure dataflow graph: every value is written once, and what a step changes is listed beside the
 * variables instead of happening inside.
 *
 *     inputs, constants, variables --nodes--> outputs, next values of variables
 *
 * `op` is the name of the tfjs kernel (`Conv2D`, `MaxPoolGrad`) or of one of ours (`BatchNormTrain`, `AdamUpdate`).
 * Images are NHWC, filters HWIO, as in tfjs. `capture/shapes/` states inputs, attributes and outputs of every op.
 */
import type { Variable } from "@tensorflow/tfjs";

/** tfjs has no uint8 tensors: only graph inputs have that type, and `Cast` is what reads them. */
export type ValueType = "float32" | "int32" | "bool" | "uint8";

/** A tensor of the graph. Compare values by identity or by `id`. */
export interface Value {
  /** Unique within the graph, in order of creation. */
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: ValueType;
}

type Attribute = number | string | boolean | readonly number[] | readonly (readonly number[])[];
export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphNode {
  readonly op: string;
  /** By the kernel's names; the parts of a list (`Concat`, `AddN`, `Pack`) are called "0", "1", ... in order. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Normalized, see `capture/shapes/`: pairs as `[height, width]`, axes not negative, pads as numbers. */
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Layer of the model that the node belongs to (gradients belong to their layer), where known. */
  readonly layer: string | null;
}

export interface GraphInput {
  readonly name: string;
  readonly value: Value;
}

export interface GraphConstant {
  readonly value: Value;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export interface GraphVariable {
  readonly name: string;
  /** The value before the step. */
  readonly value: Value;
  /** The value after the step, or null where the step leaves the variable alone. */
  readonly next: Value | null;
  /** The tfjs variable behind it. */
  readonly variable: Variable;
}

export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly constants: readonly GraphConstant[];
  readonly variables: readonly GraphVariable[];
  /** In execution order. */
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphInput[];
}

/** Input shapes and types of a captured function; `uint8` inputs are int32 tensors inside the function. */
export interface InputSpec {
  name: string;
  shape: number[];
  dtype?: ValueType;
}

/** Which node makes a value; inputs, constants and variables have none. */
export function producers(graph: Graph): Map<Value, GraphNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
}

/** The nodes that read each value. */
export function consumers(graph: Graph): Map<Value, GraphNode[]> {
  const map = new Map<Value, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const value of new Set(Object.values(node.inputs))) {
      const list = map.get(value);
      if (list === undefined) map.set(value, [node]);
      else list.push(node);
    }
  }
  return map;
}
