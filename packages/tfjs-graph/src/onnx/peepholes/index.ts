/**
 * The rewrites of this lowering, by name, so that each can be switched off to find a wrong one. None changes a
 * result beyond rounding.
 */
import type { Graph } from "../../capture/graph.js";
import { biasBeforeBatchNorm } from "../../peepholes/bias-before-batch-norm.js";
import { reluAfterPool } from "../../peepholes/relu-after-pool.js";

/** What each peephole does. */
export const ONNX_PEEPHOLES = {
  "relu-after-pool": "A ReLU in front of a max pool moves behind it, where there are fewer elements",
  "bias-before-batch-norm": "The gradient of a bias in front of batch normalization is zero and not computed",
  "conv-bias": "A bias behind a convolution becomes its third input",
  "step-of-relu": "The gradient of a ReLU reads its output, so that the ReLU can be fused with the op in front",
  "host-updates": "Optimizer updates run on the host in one pass, in place (CPU only)",
} as const;

export type OnnxPeephole = keyof typeof ONNX_PEEPHOLES;

const rewrites: Partial<Record<OnnxPeephole, (graph: Graph) => Graph>> = {
  "relu-after-pool": reluAfterPool,
  "bias-before-batch-norm": biasBeforeBatchNorm,
};

/** Applies those that rewrite the captured graph; the others are part of lowering rules. */
export function rewrite(graph: Graph, active: ReadonlySet<OnnxPeephole>): Graph {
  let result = graph;
  for (const [name, apply] of Object.entries(rewrites)) {
    if (active.has(name as OnnxPeephole)) result = apply(result);
  }
  return result;
}

/** All peepholes but those switched off. */
export function activePeepholes(off: readonly OnnxPeephole[] = []): ReadonlySet<OnnxPeephole> {
  return new Set((Object.keys(ONNX_PEEPHOLES) as OnnxPeephole[]).filter((name) => !off.includes(name)));
}
