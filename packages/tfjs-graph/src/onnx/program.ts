/** A compiled graph, whatever device runs it. */
import type { OnnxModel } from "./model.js";

/** Values of one input or output, row-major. */
export type HostData = Float32Array | Int32Array | Uint8Array;

/** Called with the outputs before any variable changes; where it throws, none does. */
export type Guard = (outputs: Readonly<Record<string, HostData>>) => void;

export interface Program {
  /** How often each ONNX op occurs: what really runs. */
  readonly opCounts: Readonly<Record<string, number>>;
  /** Runs once. Inputs by name; outputs by name. */
  run(inputs: Readonly<Record<string, HostData>>, guard?: Guard): Promise<Record<string, HostData>>;
  release(): Promise<void>;
}

export function countOps(model: OnnxModel): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const op of model.nodes.map((node) => node.op).sort()) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
