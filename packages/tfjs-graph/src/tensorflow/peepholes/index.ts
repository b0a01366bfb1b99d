/**
 * Rewrites of the captured graph before it is lowered to TensorFlow, by name, so that each can be switched off to
 * find a wrong one. None changes a result beyond rounding.
 *
 * Tried and left out: sums over all axes but the last as `BiasAddGrad`. oneDNN then fuses them with the gradient of the
 * filter, which is 5 to 8 % slower than a plain sum.
 */
import type { Graph } from "../../capture/graph.js";
import { biasBeforeBatchNorm } from "../../peepholes/bias-before-batch-norm.js";
import { reluAfterPool } from "../../peepholes/relu-after-pool.js";
import { withoutDeadNodes } from "../../capture/simplify.js";
import { activationGrad } from "./activation-grad.js";
import { biasAdd } from "./bias-add.js";
import { l2Loss } from "./l2-loss.js";
import { onesProduct } from "./ones-product.js";
import { reluGrad } from "./relu-grad.js";

/** What each peephole does. */
export const TENSORFLOW_PEEPHOLES = {
  "relu-after-pool": "A ReLU in front of a max pool moves behind it, where there are fewer elements",
  "bias-before-batch-norm": "The gradient of a bias in front of batch normalization is zero and not computed",
  "relu-grad": "dy * step(x) becomes ReluGrad, which reads the output of the ReLU",
  "activation-grad": "The gradients of sigmoid and tanh become one op each",
  "bias-add": "Adding a vector along the last axis becomes BiasAdd, which TensorFlow fuses with the op in front",
  "ones-product": "Multiplying by a tensor of ones becomes a broadcast, or nothing",
  "l2-loss": "A sum of squares is computed in one pass",
} as const;

export type TensorFlowPeephole = keyof typeof TENSORFLOW_PEEPHOLES;

/** In the order in which they are applied. */
const rewrites: [TensorFlowPeephole, (graph: Graph) => Graph][] = [
  ["relu-after-pool", reluAfterPool],
  ["bias-before-batch-norm", biasBeforeBatchNorm],
  ["relu-grad", reluGrad],
  ["activation-grad", activationGrad],
  ["bias-add", biasAdd],
  ["ones-product", onesProduct],
  ["l2-loss", l2Loss],
];

/** Applies all peepholes but those switched off, and drops what nothing reads any more. */
export function rewrite(graph: Graph, off: readonly TensorFlowPeephole[] = []): Graph {
  const active = rewrites.filter(([name]) => !off.includes(name));
  return withoutDeadNodes(active.reduce((result, [, apply]) => apply(result), graph));
}
