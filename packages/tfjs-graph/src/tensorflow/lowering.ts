/**
 * State of one lowering: which TensorFlow output stands for which captured value, and in which type. In bfloat16
 * precision a float32 value may be stored as bfloat16; a rule asks for its inputs in the type it computes in, and
 * casts appear where types meet, once a value.
 */
import type { GraphNode, Value } from "../capture/graph.js";
import { attr, type GraphDefBuilder, type Ref, type TfType } from "./graph-def.js";

export type Precision = "float32" | "bfloat16";

/** Turns one node into TensorFlow nodes: reads its inputs and sets its outputs. */
export type Rule = (node: GraphNode, to: Lowering) => void;
export type Rules = Record<string, Rule>;

/** A variable of the program, as nodes of the graph see it. */
export interface VariableRef {
  handle: Ref;
  /** Control dependencies of every update: reads of the old value, and the check of the loss. */
  after: Ref[];
}

/** What a node does: the name of an op, or an op with its attributes. */
export type Operator =
  | string
  | {
      op: string;
      /** Its attribute `T`. */
      type?: TfType | undefined;
      attributes?: Readonly<Record<string, Uint8Array>>;
    };

export class Lowering {
  private readonly stored = new Map<Value, TfType>();
  private readonly refs = new Map<Value, Map<TfType, Ref>>();
  private readonly makers = new Map<Value, (type: TfType) => Ref>();
  private readonly written = new Map<Value, Ref>();
  /** By the value before the step. */
  readonly variables = new Map<Value, VariableRef>();
  /** The value after the step -> the one before it. */
  readonly nexts = new Map<Value, Value>();
  /** False while the guard is lowered, which must not wait for a write that waits for the guard. */
  mayWrite = true;
  /** Names of nodes that have to run for the state to be updated. */
  readonly updates: Ref[] = [];

  constructor(
    readonly builder: GraphDefBuilder,
    readonly precision: Precision,
  ) {}

  /** The type that convolutions and matrix products compute in. */
  get fast(): TfType {
    return this.precision;
  }

  /** How a value is stored: its own type, or bfloat16. */
  typeOf(value: Value): TfType {
    return this.stored.get(value) ?? value.dtype;
  }

  /** The type that an element-wise op computes in: bfloat16 once a full-size input is stored so. */
  common(node: GraphNode): TfType {
    const inputs = Object.values(node.inputs);
    const size = Math.max(...inputs.map(sizeOf));
    const full = inputs.filter((value) => sizeOf(value) === size);
    return full.some((value) => this.typeOf(value) === "bfloat16") ? "bfloat16" : full[0]!.dtype;
  }

  /** Reference of a value, in the type it is stored in or the one asked for. */
  ref(value: Value, type: TfType = this.typeOf(value)): Ref {
    const known = this.refs.get(value)?.get(type);
    if (known !== undefined) return known;
    const maker = this.makers.get(value);
    const stored = this.typeOf(value);
    if (maker === undefined && this.refs.get(value) === undefined)
      throw new Error(`value %${value.id} has no producer`);
    const made =
      maker === undefined ? this.builder.cast(this.ref(value, stored), { from: stored, to: type }) : maker(type);
    this.remember(value, { ref: made, type });
    return made;
  }

  /** Says what stands for a value: a reference, of the value's own type where none is given. */
  set(value: Value, made: Ref | { ref: Ref; type: TfType }): void {
    const { ref, type } = typeof made === "string" ? { ref: made, type: value.dtype } : made;
    this.stored.set(value, type);
    this.remember(value, { ref, type });
  }

  /** For values that cost the same in any type: they are made in the type that is asked for. */
  setLazy(value: Value, make: (type: TfType) => Ref): void {
    this.makers.set(value, make);
  }

  /** The captured variable that `value` is the old value of and `next` the new one; undefined for anything else. */
  updated(value: Value, next: Value): VariableRef | undefined {
    if (!this.mayWrite) return undefined;
    return this.nexts.get(next) === value ? this.variables.get(value) : undefined;
  }

  /** Says that `next` has been written to the variable `handle` by the node `update`. */
  setWritten(next: Value, { update, handle }: { update: Ref; handle: Ref }): void {
    this.written.set(next, update);
    this.updates.push(update);
    this.setLazy(next, (type) => {
      const attributes = { dtype: attr.type("float32") };
      const read = this.builder.node({ op: "ReadVariableOp", attributes }, [handle, `^${update}`]);
      return this.builder.cast(read, { from: "float32", to: type });
    });
  }

  isWritten(next: Value): boolean {
    return this.written.has(next);
  }

  /** One node of one output. */
  op(operator: Operator, inputs: readonly Ref[]): Ref {
    if (typeof operator === "string") return this.builder.node(operator, inputs);
    const { op, type, attributes } = operator;
    return this.builder.node({ op, attributes: { ...(type && { T: attr.type(type) }), ...attributes } }, inputs);
  }

  private remember(value: Value, { ref, type }: { ref: Ref; type: TfType }): void {
    const known = this.refs.get(value);
    if (known === undefined) this.refs.set(value, new Map([[type, ref]]));
    else known.set(type, ref);
  }
}

export const sizeOf = (value: Value): number => value.shape.reduce((product, size) => product * size, 1);
