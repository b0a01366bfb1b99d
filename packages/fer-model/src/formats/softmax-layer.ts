/** The layer of a network that makes probabilities of its outputs. */
import type { LayersModel } from "@tensorflow/tfjs";

/** The last layer, where it is a softmax and not part of a network within; `null` otherwise. */
export function softmaxLayer(network: LayersModel): LayersModel["layers"][number] | null {
  const last = network.outputs[0]!.sourceLayer;
  const isSoftmax = last.getClassName() === "Softmax" || last.getConfig()["activation"] === "softmax";
  return isSoftmax && network.layers.includes(last) ? last : null;
}
