/** Decoupled weight decay (Loshchilov and Hutter 2019): `weight - learningRate * decay * weight`. */
import type { Scalar, Tensor } from "@tensorflow/tfjs";

export function decayed(weight: Tensor, learningRate: Scalar, decay: number): Tensor {
  return decay === 0 ? weight : weight.sub(weight.mul(learningRate.mul(decay)));
}
