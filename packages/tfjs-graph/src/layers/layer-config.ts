/** The keys of a tfjs-layers config (camelCase) that our own layers read. */
import type { Tensor } from "@tensorflow/tfjs";

export interface LayerConfig {
  name?: string;
  trainable?: boolean;
  axis?: number;
  momentum?: number;
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
  rate?: number;
  noiseShape?: (number | null)[] | null;
  gammaRegularizer?: unknown;
  betaRegularizer?: unknown;
  gammaConstraint?: unknown;
  betaConstraint?: unknown;
}

/** tfjs-layers calls a layer with a tensor or a list of one. */
export const onlyTensor = (inputs: Tensor | Tensor[]): Tensor => (Array.isArray(inputs) ? inputs[0]! : inputs);
