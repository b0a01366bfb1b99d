/** `SoftmaxCrossEntropyWithLogits`, in float32. */
import type { Rules } from "../lowering.js";

export const softmaxCrossEntropy: Rules = {
  SoftmaxCrossEntropy: (node, to) => {
    const inputs = [to.ref(node.inputs.logits!, "float32"), to.ref(node.inputs.labels!, "float32")];
    const ref = to.op({ op: "SoftmaxCrossEntropyWithLogits", type: "float32" }, inputs);
    to.set(node.outputs[0]!, ref);
    to.set(node.outputs[1]!, `${ref}:1`);
  },
};
