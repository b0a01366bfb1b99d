/**
 * Captured functions over shared variables, run by TensorFlow. A function that is defined later joins the program: all
 * functions are lowered again into one graph (a TensorFlow session keeps its variables to itself) and the values of
 * the variables move over once.
 */
import type { Variable } from "@tensorflow/tfjs";
import type { Graph, GraphVariable } from "../capture/graph.js";
import { lower, type NamedGraph, type ProgramVariable } from "./lower.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowPeephole } from "./peepholes/index.js";
import { Program, type HostArray } from "./program.js";
import type { TensorFlowRuntime } from "./runtime.js";

export interface SessionOptions {
  precision: Precision;
  peepholesOff: readonly TensorFlowPeephole[];
}

interface SessionVariable extends ProgramVariable {
  variable: Variable;
}

export class TensorFlowSession {
  private readonly functions = new Map<string, NamedGraph>();
  private readonly variables: SessionVariable[] = [];
  private readonly names = new Map<Variable, string>();
  private program: Program | null = null;
  /** Values of the variables that the program does not hold (yet). */
  private pending = new Map<Variable, Float32Array>();
  private counts: Readonly<Record<string, number>> = {};

  constructor(
    private readonly runtime: TensorFlowRuntime,
    private readonly options: SessionOptions,
  ) {}

  /** Makes variables known, with their present values; those of a graph become known with it. */
  declare(variables: readonly Variable[]): void {
    for (const variable of variables) {
      if (this.names.has(variable)) continue;
      const name = `v${this.variables.length}`;
      this.names.set(variable, name);
      this.variables.push({ name, shape: variable.shape, variable });
      this.pending.set(variable, (variable.dataSync() as Float32Array).slice());
    }
  }

  /** Lowers functions and drops the result: throws for what TensorFlow cannot be given. */
  check(functions: readonly NamedGraph[]): void {
    lower(functions, this.variables, (variable) => this.nameOf(variable), this.options);
  }

  has(name: string): boolean {
    return this.functions.has(name);
  }

  /** Adds a function. With a `guard`, an output of that name that is not finite stops the function from writing. */
  define(name: string, graph: Graph, guard: string | null = null): void {
    const values = this.program === null ? null : this.values();
    this.declare(graph.variables.map(({ variable }) => variable));
    this.functions.set(name, { name, graph, guard });
    const nameOf = (variable: GraphVariable): string => this.nameOf(variable);
    const lowered = lower([...this.functions.values()], this.variables, nameOf, this.options);
    const program = new Program(this.runtime.binding, lowered, this.variables);
    program.write(this.variables.map(({ variable }) => this.pending.get(variable) ?? values!.get(variable)!));
    this.program?.dispose();
    this.program = program;
    this.pending = new Map();
    this.counts = lowered.opCounts;
  }

  run(name: string, feeds: readonly HostArray[]): HostArray[] {
    const { inputs, outputs } = this.functions.get(name)!.graph;
    return this.program!.run(
      name,
      inputs,
      feeds,
      outputs.map((output) => output.name),
    );
  }

  /** Present values of all variables. */
  values(): Map<Variable, Float32Array> {
    const held = this.program?.read() ?? [];
    const inProgram = this.variables.filter(({ variable }) => !this.pending.has(variable));
    const entries = inProgram.map(({ variable }, i) => [variable, held[i]!] as const);
    return new Map([...entries, ...[...this.pending].map(([variable, data]) => [variable, data.slice()] as const)]);
  }

  /** Sets all variables. */
  write(values: ReadonlyMap<Variable, Float32Array>): void {
    if (this.program === null) this.pending = new Map([...values].map(([variable, data]) => [variable, data.slice()]));
    else this.program.write(this.variables.map(({ variable }) => values.get(variable)!));
  }

  /** How often each TensorFlow op occurs in the program. */
  get opCounts(): Readonly<Record<string, number>> {
    return this.counts;
  }

  dispose(): void {
    this.program?.dispose();
    this.program = null;
  }

  private nameOf({ variable }: GraphVariable): string {
    return this.names.get(variable)!;
  }
}
