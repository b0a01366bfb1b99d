/**
 * onnxruntime as a target: a model a function. Each variable is kept in one layout for all of them: that of the first
 * function which wants another than tfjs', so functions that belong together are checked together.
 */
import { expand } from "../capture/expand.js";
import type { Graph, GraphNode, GraphVariable, Value } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import type { NamedGraph, Target } from "../lowering/target.js";
import { Peepholes, type Peephole } from "../peepholes/index.js";
import { planHostUpdates, type HostPlan } from "./host-updates.js";
import type { Layout } from "./layout.js";
import { lower, uniqueResults, type LoweredGraph, type Result } from "./lower.js";
import type { MaskFeed, OnnxTarget as Device } from "./lowering.js";
import { loweringRules } from "./ops/index.js";
import { countOps, encodeModel } from "./model.js";
import { nextName, type MaskInput, type OnnxProgram } from "./program.js";
import { refusal } from "../lowering/refusal.js";
import { findOnnxRuntime } from "./runtime.js";
import { variableLayouts } from "./variable-layouts.js";

export class OnnxTarget implements Target {
  readonly runtime = "onnxruntime";
  readonly host;
  readonly opCounts: Record<string, number> = {};
  private readonly peepholes: Peepholes;
  private readonly layouts = new Map<string, Layout>();

  constructor(
    private readonly device: Device,
    peepholesOff?: readonly Peephole[],
  ) {
    this.host = { kind: device === "cpu" ? "onnx" : "webgpu", module: findOnnxRuntime() } as const;
    this.peepholes = new Peepholes("onnx", peepholesOff);
  }

  check(functions: readonly NamedGraph[]): void {
    const graphs = functions.map(({ graph }) => this.prepared(graph));
    const wanted = graphs.flatMap((graph) => this.wantedLayouts(graph));
    for (const [name, layout] of wanted) if (layout !== null) this.layouts.set(name, layout);
    for (const graph of graphs) this.lowered(graph);
  }

  lower({ name, graph: captured, guard }: NamedGraph): OnnxProgram {
    const graph = this.prepared(captured);
    for (const [variable, layout] of this.wantedLayouts(graph)) {
      if (!this.layouts.has(variable)) this.layouts.set(variable, layout);
    }
    const { lowered, plan, next } = this.lowered(graph);
    const { model } = lowered;
    for (const [op, count] of Object.entries(countOps(model))) this.opCounts[op] = (this.opCounts[op] ?? 0) + count;
    return {
      name,
      model: encodeModel(model),
      inputs: lowered.inputs.map(({ name, value: { dtype, shape } }) => ({ name, dtype, shape })),
      variables: lowered.variables,
      layouts: Object.fromEntries(graph.variables.map(({ name }) => [name, this.layouts.get(name)!])),
      masks: masksOf(lowered.masks, graph),
      outputs: graph.outputs.map(({ name }) => name),
      guard,
      next: next.map(({ name }) => name),
      updates: plan.updates,
    };
  }

  private prepared(captured: Graph): Graph {
    return this.peepholes.rewrite(expand(captured, loweringRules));
  }

  /** The layouts that a graph would like best, of variables that have none yet. */
  private wantedLayouts(graph: Graph): [name: string, layout: Layout][] {
    const layouts = variableLayouts(graph);
    return graph.variables
      .filter(({ name }) => !this.layouts.has(name))
      .map(({ name, value }) => [name, layouts.get(value) ?? null]);
  }

  private lowered(graph: Graph): { lowered: LoweredGraph; plan: HostPlan; next: readonly GraphVariable[] } {
    for (const { name, value } of graph.variables) refuseOtherTypes(name, value);
    const layoutOf = ({ name }: { name: string }): Layout => this.layouts.get(name) ?? null;
    const isOnHost = this.device === "cpu" && this.peepholes.has("host-updates");
    const plan = isOnHost ? planHostUpdates(graph) : { updates: [], updated: new Set<string>(), operands: [] };
    const next = graph.variables.filter(({ name, next }) => next !== null && !plan.updated.has(name));
    const results = uniqueResults([
      ...graph.outputs.map(({ name, value }) => ({ name, value, layout: null })),
      ...next.map((variable) => ({
        name: nextName(variable.name),
        value: variable.next!,
        layout: layoutOf(variable),
      })),
      ...plan.operands.map(({ name, value, variable }): Result => {
        const layout = layoutOf({ name: variable });
        return { name, value, layout: value.shape.length === layout?.length ? layout : null };
      }),
    ]);
    const layouts = new Map(graph.variables.map((variable) => [variable.value, layoutOf(variable)]));
    const { device: target, peepholes } = this;
    return { lowered: lower(graph, { target, peepholes, results, layouts }), plan, next };
  }
}

function refuseOtherTypes(name: string, { dtype }: Value): void {
  if (dtype === "float32") return;
  throw new GraphError({
    code: "UNSUPPORTED_TYPE",
    subject: `variable "${name}"`,
    found: `its type is ${dtype}`,
    expected: "float32",
    fix: "Pass it as an input and take it out as an output",
  });
}

/** @throws GraphError where the step of a mask is not an input: masks are made before the session runs. */
function masksOf(masks: readonly MaskFeed[], { inputs }: Graph): MaskInput[] {
  const names = new Map(inputs.map(({ name, value }) => [value, name]));
  const stepOf = (node: GraphNode): string => {
    const step = names.get(node.inputs.step!);
    if (step === undefined)
      throw refusal(node, {
        found: `the step of the op ${node.op} is computed inside the function, and onnxruntime is fed masks`,
      });
    return step;
  };
  return masks.map(({ name, node, options }) => ({ ...options, name, step: stepOf(node) }));
}
