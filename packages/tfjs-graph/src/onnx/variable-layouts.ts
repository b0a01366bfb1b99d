/**
 * The layout in which each variable is kept: filters as the convolutions want them, so that no step transposes one;
 * the slots of an optimizer and averaged weights like their weight.
 */
import type { Graph, Value } from "../capture/graph.js";
import { updateOps } from "../ops/updates/index.js";
import { DEPTHWISE, OIHW, type Layout } from "./layout.js";

/** Layouts by value, of variables and of what updates make of them; those in the order of tfjs are left out. */
export function variableLayouts(graph: Graph): ReadonlyMap<Value, Layout> {
  const layouts = new Map<Value, Layout>();
  const variables = new Set(graph.variables.map(({ value }) => value));
  for (const { op, inputs } of graph.nodes) {
    const filter = inputs.filter;
    if (filter === undefined || !variables.has(filter)) continue;
    layouts.set(filter, op.startsWith("Depthwise") ? DEPTHWISE : OIHW);
  }
  for (const { op, inputs, outputs } of graph.nodes) {
    const states = updateOps[op]?.states;
    if (states === undefined) continue;
    // An average follows what it averages.
    const layout = layouts.get(inputs.weight ?? inputs.value!) ?? null;
    if (layout === null) continue;
    states.forEach((name, i) => {
      layouts.set(inputs[name]!, layout);
      layouts.set(outputs[i]!, layout);
    });
  }
  return layouts;
}
