/** A rule for every op that TensorFlow can be given. */
import type { Rules } from "../lowering.js";
import { arrays } from "./arrays.js";
import { batchNorm } from "./batch-norm.js";
import { convolutions } from "./convolutions.js";
import { dropoutMask } from "./dropout-mask.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { pools } from "./pools.js";
import { reductions } from "./reductions.js";
import { resizes } from "./resizes.js";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.js";
import { updates } from "./updates.js";

export const rules: Rules = {
  ...elementwise,
  ...reductions,
  ...arrays,
  ...matmul,
  ...convolutions,
  ...pools,
  ...resizes,
  ...batchNorm,
  ...softmaxCrossEntropy,
  ...dropoutMask,
  ...updates,
};
