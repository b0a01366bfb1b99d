/** The graph for people: one line a node. */
import type { Graph, GraphInput, GraphNode, Value } from "./graph.js";

const typeOf = ({ dtype, shape }: Value): string => `${dtype}[${shape.join(",")}]`;
const nameOf = ({ id }: Value): string => `%${id}`;

function attributesOf(node: GraphNode): string {
  const parts = Object.entries(node.attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return parts.length === 0 ? "" : ` {${parts.join(", ")}}`;
}

function line(node: GraphNode): string {
  const outputs = node.outputs.map((value) => `${nameOf(value)}: ${typeOf(value)}`).join(", ");
  const inputs = Object.entries(node.inputs).map(([key, value]) => `${key}=${nameOf(value)}`);
  const layer = node.layer === null ? "" : `  # ${node.layer}`;
  return `${outputs} = ${node.op}(${inputs.join(", ")})${attributesOf(node)}${layer}`;
}

/**
 * The graph as text: inputs, variables, constants, nodes, outputs.
 *
 * @example
 * ```ts
 * import { capture, print } from "@fer/tfjs-graph";
 *
 * console.log(print(capture((x) => x.square().sum(), [{ name: "x", shape: [2, 2] }])));
 * // input x %0: float32[2,2]
 * // %1: float32[2,2] = Square(x=%0)
 * // %2: float32[] = Sum(x=%1) {axes=[0,1], keepDims=false}
 * // output 0 %2: float32[]
 * ```
 */
export function print(graph: Graph): string {
  const named = (what: string, { name, value }: GraphInput): string =>
    `${what} ${name} ${nameOf(value)}: ${typeOf(value)}`;
  return [
    ...graph.inputs.map((input) => named("input", input)),
    ...graph.variables.map(
      (variable) => `${named("variable", variable)}${variable.next === null ? "" : ` -> ${nameOf(variable.next)}`}`,
    ),
    ...graph.constants.map(({ value, data }) => `constant ${nameOf(value)}: ${typeOf(value)}${preview(data)}`),
    ...graph.nodes.map(line),
    ...graph.outputs.map((output) => named("output", output)),
  ].join("\n");
}

const preview = (data: ArrayLike<number>): string => (data.length <= 4 ? ` = ${Array.from(data).join(", ")}` : "");
