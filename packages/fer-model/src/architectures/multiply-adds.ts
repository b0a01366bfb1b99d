/** What a prediction costs. */
import type { LayersModel } from "@tensorflow/tfjs";

/**
 * Multiply-adds of one image in one view: those of convolutions and dense layers, which are nearly all that a network
 * computes. A training step costs about three times as many an image.
 *
 * @example
 * ```ts
 * import { architectures, multiplyAdds } from "@fer/model";
 *
 * console.log(multiplyAdds(architectures["fer-vgg"].build())); // 24251904
 * ```
 */
export function multiplyAdds(model: LayersModel): number {
  return model.layers.reduce((sum, layer) => {
    const places = (layer.outputShape as (number | null)[]).slice(1, -1).reduce<number>((n, side) => n * side!, 1);
    return sum + places * kernelSize(layer);
  }, 0);
}

/** Multiply-adds at one place of a layer's output. */
function kernelSize({ weights }: LayersModel["layers"][number]): number {
  const kernels = weights.filter(({ originalName }) => originalName.endsWith("kernel"));
  return kernels.reduce((sum, { shape }) => sum + shape.reduce<number>((n, side) => n * side!, 1), 0);
}
