/** Exponential moving average: `average += (value - average) * (1 - decay)`. */
import type { Tensor } from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.js";

/** The new average. Used for averaged weights and for the running statistics of batch normalization. */
export function emaUpdate(average: Tensor, value: Tensor, decay: number): Tensor {
  if (hasKernel("EmaUpdate")) return runKernel("EmaUpdate", { average, value }, { decay })[0]!;
  return average.add(value.sub(average).mul(1 - decay));
}
