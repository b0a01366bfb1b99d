/** Every op of this package, by name. A new one is a file beside this and a line here. */
import { batchNormTrainGradOp, batchNormTrainOp } from "./batch-norm-train.js";
import { dropoutMaskOp } from "./dropout-mask.js";
import type { OwnOp } from "./own-op.js";
import { updateOwnOps } from "./run-update.js";
import { softmaxCrossEntropyOp } from "./softmax-cross-entropy.js";

const all = [batchNormTrainOp, batchNormTrainGradOp, dropoutMaskOp, softmaxCrossEntropyOp, ...updateOwnOps];

export const ownOps: ReadonlyMap<string, OwnOp> = new Map(all.map((op) => [op.name, op as unknown as OwnOp]));
