/** A graph that reads its variables and never writes them needs none: what they hold now is part of it. */
import type { Graph } from "./graph.js";

/** Variables as constants. */
export function frozen(graph: Graph): Graph {
  const weights = graph.variables.map(({ value, variable }) => ({
    value,
    data: Float32Array.from(variable.dataSync() as Float32Array),
  }));
  return { ...graph, variables: [], constants: [...graph.constants, ...weights] };
}
