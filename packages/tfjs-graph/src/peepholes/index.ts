/**
 * What a target lowers better than op by op, by name, so that each can be switched off to find a wrong one. None
 * changes a result beyond rounding. Most rewrite the captured graph; the others are part of lowering rules, which ask
 * whether they are on.
 *
 * Tried on TensorFlow and left out: sums over all axes but the last as `BiasAddGrad`. oneDNN then fuses them with the
 * gradient of the filter, which is 5 to 8 % slower than a plain sum.
 */
import type { Graph } from "../capture/graph.js";
import { withoutDeadNodes } from "../capture/simplify.js";
import { activationGrad } from "./activation-grad.js";
import { biasAdd } from "./bias-add.js";
import { biasBeforeBatchNorm } from "./bias-before-batch-norm.js";
import { l2Loss } from "./l2-loss.js";
import { onesProduct } from "./ones-product.js";
import { reluAfterPool } from "./relu-after-pool.js";
import { reluGrad } from "./relu-grad.js";

type TargetName = "tensorflow" | "onnx";

interface PeepholeDefinition {
  does: string;
  targets: readonly TargetName[];
  /** Left out where a lowering rule does it. */
  rewrite?: (graph: Graph) => Graph;
}

/** In the order in which they are applied. */
const definitions = {
  "relu-after-pool": {
    does: "A ReLU in front of a max pool moves behind it, where there are fewer elements",
    targets: ["tensorflow", "onnx"],
    rewrite: reluAfterPool,
  },
  "bias-before-batch-norm": {
    does: "The gradient of a bias in front of batch normalization is zero and not computed",
    targets: ["tensorflow", "onnx"],
    rewrite: biasBeforeBatchNorm,
  },
  "relu-grad": {
    does: "dy * step(x) becomes ReluGrad, which reads the output of the ReLU",
    targets: ["tensorflow"],
    rewrite: reluGrad,
  },
  "activation-grad": {
    does: "The gradients of sigmoid and tanh become one op each",
    targets: ["tensorflow"],
    rewrite: activationGrad,
  },
  "bias-add": {
    does: "Adding a vector along the last axis becomes BiasAdd, which TensorFlow fuses with the op in front",
    targets: ["tensorflow"],
    rewrite: biasAdd,
  },
  "ones-product": {
    does: "Multiplying by a tensor of ones becomes a broadcast, or nothing",
    targets: ["tensorflow"],
    rewrite: onesProduct,
  },
  "l2-loss": { does: "A sum of squares is computed in one pass", targets: ["tensorflow"], rewrite: l2Loss },
  "conv-bias": { does: "A bias behind a convolution becomes its third input", targets: ["onnx"] },
  "step-of-relu": {
    does: "The gradient of a ReLU reads its output, so that the ReLU can be fused with the op in front",
    targets: ["onnx"],
  },
  "host-updates": {
    does: "Optimizer updates run on the host in one pass, in place (CPU only)",
    targets: ["onnx"],
  },
} satisfies Record<string, PeepholeDefinition>;

export type Peephole = keyof typeof definitions;

const entries = Object.entries(definitions) as [Peephole, PeepholeDefinition][];

/** Names of those that a target has. */
export const peepholesOf = (target: TargetName): Peephole[] =>
  entries.filter(([, { targets }]) => targets.includes(target)).map(([name]) => name);

/** Those of a target that are on. */
export class Peepholes {
  private readonly active: ReadonlySet<Peephole>;

  constructor(target: TargetName, off: readonly Peephole[] = []) {
    this.active = new Set(peepholesOf(target).filter((name) => !off.includes(name)));
  }

  has(name: Peephole): boolean {
    return this.active.has(name);
  }

  /** Applies those that rewrite the captured graph, and drops what nothing reads any more. */
  rewrite(graph: Graph): Graph {
    const rewrites = entries.flatMap(([name, { rewrite }]) => (rewrite && this.has(name) ? [rewrite] : []));
    return withoutDeadNodes(rewrites.reduce((result, apply) => apply(result), graph));
  }
}
