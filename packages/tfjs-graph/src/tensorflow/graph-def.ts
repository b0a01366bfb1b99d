/**
 * Builds TensorFlow's `GraphDef` (tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto). A reference is
 * the name of a node's output as TensorFlow writes it: `name`, `name:1`, or `^name` for a control dependency.
 */
import type { ValueType } from "../capture/graph.js";
import { bytes, concat, float, integer, varint } from "../lowering/protobuf.js";
import { holdsRows } from "../lowering/rows.js";

export type Ref = string;
export type TfType = ValueType | "bfloat16" | "int64" | "uint32" | "uint64";

const DATA_TYPES: Record<TfType, number> = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint32: 22,
  uint64: 23,
};

/** Type and shape of a tensor. */
export interface TensorForm {
  type: TfType;
  shape: readonly number[];
}

/** Field numbers of AttrValue. */
export const attr = {
  type: (type: TfType): Uint8Array => integer(6, DATA_TYPES[type]),
  int: (value: number): Uint8Array => integer(3, value),
  float: (value: number): Uint8Array => float(4, value),
  bool: (value: boolean): Uint8Array => integer(5, value ? 1 : 0),
  string: (value: string): Uint8Array => bytes(2, value),
  shape: (shape: readonly number[]): Uint8Array => bytes(7, shapeProto(shape)),
  tensor: (data: Uint8Array, { type, shape }: TensorForm): Uint8Array =>
    bytes(8, concat([integer(1, DATA_TYPES[type]), bytes(2, shapeProto(shape)), bytes(4, data)])),
  ints: (values: readonly number[]): Uint8Array => bytes(1, bytes(3, concat(values.map((value) => varint(value))))),
};

const shapeProto = (shape: readonly number[]): Uint8Array => concat(shape.map((size) => bytes(2, integer(1, size))));

const rawBytes = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** What a node does: the name of an op, or an op with its attributes. */
export type NodeOperator =
  | string
  | {
      op: string;
      /** Of the node; one of the builder's where left out. */
      name?: string;
      attributes?: Readonly<Record<string, Uint8Array>>;
    };

/** Version of the graph format that the ops here are from. */
const PRODUCER = 1882;

export class GraphDefBuilder {
  private readonly nodes: Uint8Array[] = [];
  private readonly constants = new Map<string, Ref>();
  private readonly counts: Record<string, number> = {};
  private next = 0;

  /** @param rows What stands for a number of rows that is not known: sizes that hold it become -1. */
  constructor(readonly rows: number | null = null) {}

  /** Nodes added from now on are named `<scope>/...`. */
  scope = "";

  /** Adds a node and returns the reference of its first output. */
  node(operator: NodeOperator, inputs: readonly Ref[]): Ref {
    const {
      op,
      name,
      attributes = {},
    }: Exclude<NodeOperator, string> = typeof operator === "string" ? { op: operator } : operator;
    const full = name ?? `${this.scope}/${op}_${this.next++}`;
    const entries = Object.entries(attributes).map(([key, value]) =>
      bytes(5, concat([bytes(1, key), bytes(2, value)])),
    );
    const parts = [bytes(1, full), bytes(2, op), ...inputs.map((input) => bytes(3, input)), ...entries];
    this.nodes.push(bytes(1, concat(parts)));
    this.counts[op] = (this.counts[op] ?? 0) + 1;
    return full;
  }

  constant(data: ArrayBufferView, { type, shape }: TensorForm): Ref {
    const raw = rawBytes(data);
    const key = raw.length <= 64 ? `${this.scope}/${type}/${shape.join()}/${raw.join()}` : null;
    const known = key === null ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const attributes = { dtype: attr.type(type), value: attr.tensor(raw, { type, shape }) };
    const ref = this.node({ op: "Const", attributes }, []);
    if (key !== null) this.constants.set(key, ref);
    return ref;
  }

  /** An int32 vector, as shapes and axes are passed. */
  ints(values: readonly number[]): Ref {
    return this.constant(Int32Array.from(this.sizes(values)), { type: "int32", shape: [values.length] });
  }

  /** A shape, in which the rows may not be known. */
  sizes(values: readonly number[]): number[] {
    return values.map((value) => (holdsRows(value, this.rows) ? -1 : value));
  }

  int(value: number): Ref {
    return this.constant(Int32Array.of(value), { type: "int32", shape: [] });
  }

  /** A float scalar of a floating type. */
  number(value: number, type: TfType = "float32"): Ref {
    const ref = this.constant(Float32Array.of(value), { type: "float32", shape: [] });
    return type === "float32" ? ref : this.cast(ref, { from: "float32", to: type });
  }

  cast(ref: Ref, { from, to }: { from: TfType; to: TfType }): Ref {
    if (from === to) return ref;
    return this.node({ op: "Cast", attributes: { SrcT: attr.type(from), DstT: attr.type(to) } }, [ref]);
  }

  /** How many nodes of each op were added. */
  get opCounts(): Readonly<Record<string, number>> {
    return this.counts;
  }

  /** The serialized GraphDef. */
  finish(): Uint8Array {
    return concat([...this.nodes, bytes(4, integer(1, PRODUCER))]);
  }
}

/** What a SavedModel is called by: outputs of nodes, by the names that its users know. */
export interface Signature {
  inputs: Readonly<Record<string, TensorForm & { node: Ref }>>;
  outputs: Readonly<Record<string, TensorForm & { node: Ref }>>;
}

/** The SavedModel around a graph: one MetaGraphDef tagged "serve", no variables of its own. */
export function savedModel(graph: Uint8Array, signature?: Signature): Uint8Array {
  const signatures = signature === undefined ? [] : [bytes(5, signatureEntry(signature))];
  const metaGraph = concat([bytes(1, bytes(4, "serve")), bytes(2, graph), ...signatures]);
  return concat([integer(1, 1), bytes(2, metaGraph)]);
}

function signatureEntry({ inputs, outputs }: Signature): Uint8Array {
  const tensors = (field: number, named: Signature["inputs"]): Uint8Array[] =>
    Object.entries(named).map(([name, { node, type, shape }]) => {
      const tensor = concat([bytes(1, `${node}:0`), integer(2, DATA_TYPES[type]), bytes(3, shapeProto(shape))]);
      return bytes(field, concat([bytes(1, name), bytes(2, tensor)]));
    });
  const definition = concat([...tensors(1, inputs), ...tensors(2, outputs), bytes(3, "tensorflow/serving/predict")]);
  return concat([bytes(1, "serving_default"), bytes(2, definition)]);
}
