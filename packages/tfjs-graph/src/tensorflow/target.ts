/** TensorFlow as a target: all functions are one graph, because a session keeps its variables to itself. */
import type { Graph } from "../capture/graph.js";
import type { NamedGraph, Target } from "../lowering/target.js";
import { Peepholes, type Peephole } from "../peepholes/index.js";
import { savedModel } from "./graph-def.js";
import type { FunctionSignature, TensorFlowProgram } from "./host.js";
import { lower, type LoweredProgram, type ProgramVariable } from "./lower.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowRuntime } from "./runtime.js";

export interface TensorFlowTargetOptions {
  runtime: TensorFlowRuntime;
  precision: Precision;
  peepholesOff?: readonly Peephole[] | undefined;
}

export class TensorFlowTarget implements Target {
  readonly runtime = "TensorFlow";
  readonly host;
  opCounts: Readonly<Record<string, number>> = {};
  private readonly options;
  private readonly functions = new Map<string, NamedGraph>();
  private readonly variables = new Map<string, ProgramVariable>();

  constructor({ runtime, precision, peepholesOff }: TensorFlowTargetOptions) {
    this.host = { kind: "tensorflow", addon: runtime.path } as const;
    this.options = { precision, peepholes: new Peepholes("tensorflow", peepholesOff) };
  }

  check(functions: readonly NamedGraph[]): void {
    for (const { graph } of functions) this.declare(graph);
    this.lowered(functions);
  }

  lower(added: NamedGraph): TensorFlowProgram {
    this.declare(added.graph);
    const { graph, opCounts } = this.lowered([...this.functions.values(), added]);
    this.functions.set(added.name, added);
    this.opCounts = opCounts;
    return {
      savedModel: savedModel(graph),
      functions: Object.fromEntries([...this.functions].map(([name, of]) => [name, signatureOf(of)])),
      nodes: Object.fromEntries([...this.variables].map(([name, variable]) => [name, variable.name])),
    };
  }

  private declare({ variables }: Graph): void {
    for (const { name, variable } of variables) {
      if (this.variables.has(name)) continue;
      this.variables.set(name, { name: `v${this.variables.size}`, shape: variable.shape });
    }
  }

  private lowered(functions: readonly NamedGraph[]): LoweredProgram {
    return lower({ functions, variables: this.variables }, this.options);
  }
}

function signatureOf({ graph, guard }: NamedGraph): FunctionSignature {
  return {
    inputs: graph.inputs.map(({ name, value: { shape, dtype } }) => ({ name, shape, dtype })),
    outputs: graph.outputs.map(({ name }) => name),
    guard,
  };
}
