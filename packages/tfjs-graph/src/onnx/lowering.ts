/**
 * State of one lowering: which ONNX value stands for which captured one, and in which layout. Rules (ops/*) read
 * their inputs through it in the layout they want, and say what they made.
 */
import { consumers, producers, type Graph, type GraphNode, type Value } from "../capture/graph.js";
import type { DropoutMaskOptions } from "../ops/dropout-mask.js";
import type { Peepholes } from "../peepholes/index.js";
import type { GraphBuilder } from "./graph-builder.js";
import { isReshape, permutation, physicalShape, sameLayout, type Layout } from "./layout.js";
import type { OnnxType } from "./model.js";

/** An ONNX value that stands for a captured one. */
export interface LoweredValue {
  name: string;
  layout: Layout;
  type: OnnxType;
}

/** What a rule says it made. */
type Made = Pick<LoweredValue, "name"> & { layout?: Layout | undefined; type?: OnnxType | undefined };

/** An ONNX value and the shape that it has or stands for. */
export interface Shaped {
  name: string;
  shape: readonly number[];
}

/** What the operands of an elementwise op have in common. */
export interface OperandForm {
  rank: number;
  layout: Layout;
}

/** Which execution provider the graph is for: onnxruntime's own CPU operators are of no use on a GPU. */
export type OnnxTarget = "cpu" | "webgpu";

/** Lowers one captured op: reads `node.inputs`, adds ONNX nodes, sets `node.outputs`. */
export type LoweringRule = (node: GraphNode, lowering: Lowering) => void;

/** An input that the runtime makes itself: the kept elements of a dropout mask, one byte each. */
export interface MaskFeed {
  name: string;
  node: GraphNode;
  options: DropoutMaskOptions;
}

/** What one lowering is about. */
export interface LoweringOptions {
  target: OnnxTarget;
  peepholes: Peepholes;
  /** What is lowered of the captured graph. */
  graph: Graph;
  /** Values that the session gives out. */
  results: ReadonlySet<Value>;
}

export class Lowering {
  readonly masks: MaskFeed[] = [];
  readonly target: OnnxTarget;
  readonly peepholes: Peepholes;
  readonly #values = new Map<number, LoweredValue>();
  readonly #reshaped = new Map<string, { name: string; shape: readonly number[] }>();
  readonly #consumers: ReadonlyMap<Value, readonly GraphNode[]>;
  readonly #producers: ReadonlyMap<Value, GraphNode>;
  readonly #results: ReadonlySet<Value>;

  constructor(
    readonly graph: GraphBuilder,
    { target, peepholes, graph: captured, results }: LoweringOptions,
  ) {
    this.target = target;
    this.peepholes = peepholes;
    this.#consumers = consumers(captured);
    this.#producers = producers(captured);
    this.#results = results;
  }

  /** Nodes that read the value. */
  consumers(value: Value): readonly GraphNode[] {
    return this.#consumers.get(value) ?? [];
  }

  producer(value: Value): GraphNode | undefined {
    return this.#producers.get(value);
  }

  /** The only reader of a value that is not an output of the graph. */
  onlyConsumer(value: Value): GraphNode | undefined {
    const readers = this.consumers(value);
    return readers.length === 1 && !this.#results.has(value) ? readers[0] : undefined;
  }

  isLowered(value: Value): boolean {
    return this.#values.has(value.id);
  }

  value(value: Value): LoweredValue {
    return this.#values.get(value.id)!;
  }

  /** Says what stands for a value; in the layout of tfjs and the value's own type where they are left out. */
  set(value: Value, { name, layout = null, type = value.dtype }: Made): void {
    this.#values.set(value.id, { name, layout, type });
  }

  /** Name of the value in `layout`. */
  in(value: Value, layout: Layout): string {
    return this.relayout({ ...this.value(value), shape: value.shape }, layout);
  }

  /** Name of the value in the layout of tfjs. */
  plain(value: Value): string {
    return this.in(value, null);
  }

  /** Reorders an ONNX value that stands for tfjs shape `shape`; without a copy where only axes of 1 move. */
  relayout({ name, shape, layout: from }: Shaped & { layout: Layout }, to: Layout): string {
    if (sameLayout(from, to)) return name;
    const perm = permutation(shape.length, { from, to });
    if (isReshape(physicalShape(shape, from), perm)) return this.reshape(name, physicalShape(shape, to));
    return this.graph.op({ op: "Transpose", perm }, [name]);
  }

  /** Where the shape that the value has now is given, reshaping back costs nothing. */
  reshape(value: string | Shaped, shape: readonly number[]): string {
    const { name, shape: from }: Partial<Shaped> & Pick<Shaped, "name"> =
      typeof value === "string" ? { name: value } : value;
    const before = this.#reshaped.get(name);
    if (before?.shape.join() === shape.join() && before !== undefined) return before.name;
    const reshaped = this.graph.op("Reshape", [name, this.graph.sizes(shape, -1)]);
    if (from !== undefined) this.#reshaped.set(reshaped, { name, shape: from });
    return reshaped;
  }

  /**
   * The value as an operand of an elementwise op on values of `rank` axes in `layout`: missing axes are added in
   * front, as broadcasting does.
   */
  operand(value: Value, { rank, layout }: OperandForm): string {
    if (value.shape.length === rank) return this.in(value, layout);
    if (layout === null || value.shape.length === 0) return this.plain(value);
    const padded = [...Array.from({ length: rank - value.shape.length }, () => 1), ...value.shape];
    return this.relayout({ name: this.plain(value), shape: padded, layout: null }, layout);
  }
}

/** Attributes of a captured node, as the interface of its tfjs kernel. */
export const attributesOf = <T>(node: GraphNode): T => node.attributes as unknown as T;
