/**
 * Stochastic weight averaging (Izmailov et al. 2018): the mean of the weights at the ends of the last epochs. Its running
 * statistics are those of none of them: they are measured again, in steps of a learning rate of zero.
 */
import type { PreparedStep } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Batches } from "../data/pipeline.js";
import type { TrainerOptions } from "./options.js";
import type { Weights } from "./weights.js";

type Layer = LayersModel["layers"][number];

/** A mean of weights. */
export interface Average {
  weights: Weights;
  /** Epochs that it is the mean of. */
  count: number;
}

/** Steps in which the statistics are measured. */
export const MEASURING_STEPS = 100;

/** Whether the weights at the end of an epoch (from 1) belong to the mean. */
export const isAveraged = ({ swa, epochs }: Pick<TrainerOptions, "swa" | "epochs">, epoch: number): boolean =>
  swa !== null && epoch > Math.floor(swa * epochs);

/** The mean with one epoch more. */
export function averaged(before: Average | null, weights: Weights): Average {
  if (before === null) return { weights, count: 1 };
  const count = before.count + 1;
  const next = Object.entries(weights).map(([name, { shape, data }]) => {
    const mean = before.weights[name]!.data;
    return [name, { shape, data: data.map((value, at) => mean[at]! + (value - mean[at]!) / count) }] as const;
  });
  return { weights: Object.fromEntries(next), count };
}

/**
 * Puts a mean into the step, and measures its running statistics on batches from an epoch on; returns all weights.
 *
 * The statistics start at zero, and what is found is divided by the share of it that was measured: nothing is left of
 * those before. Those of frozen layers stay as they are.
 */
export async function measured(
  {
    step,
    batches,
    turn,
    model,
  }: { step: PreparedStep; batches: Batches; turn: () => Promise<void>; model: LayersModel },
  { average, epoch, steps, accumulate }: { average: Average; epoch: number; steps: number; accumulate: number },
): Promise<Weights> {
  const { step: done, slots } = await step.readState();
  // A velocity that is left would move the weights on.
  const still = withZeros(slots, () => true);
  const staying = stayingShares(model);
  const start = withZeros(average.weights, (name) => staying.has(name));
  await step.writeState({ step: done, weights: start, slots: still });
  if (staying.size === 0) return average.weights;
  let passes = 0;
  for (let at = 0; at < MEASURING_STEPS; at++) {
    const batch = await batches.at({ epoch: epoch + Math.floor(at / steps), step: at % steps });
    await turn();
    await step.step(batch, { learningRate: 0 });
    // Each part of a batch moves the statistics.
    passes += Math.min(accumulate, batch.count);
  }
  const state = await step.readState();
  const found = Object.entries(state.weights).map(([name, { shape, data }]) => {
    const share = 1 - (staying.get(name) ?? 0) ** passes;
    return [name, { shape, data: data.map((value) => value / share) }] as const;
  });
  const weights = Object.fromEntries(found);
  await step.writeState({ ...state, weights, slots: still });
  return weights;
}

/** Running statistics that a training step measures, by name: the share of them that stays after one pass. */
function stayingShares(model: LayersModel): Map<string, number> {
  const shares = new Map<string, number>();
  const visit = (layers: readonly Layer[]): void => {
    for (const layer of layers) {
      const {
        layers: inner,
        momentum,
        inboundNodes,
      } = layer as Layer & {
        layers?: Layer[];
        momentum?: number;
        inboundNodes: unknown[];
      };
      if (inner !== undefined) visit(inner);
      const isMeasuring = layer.getClassName() === "BatchNormalization" && layer.trainable && momentum !== 1;
      if (!isMeasuring) continue;
      for (const { originalName } of layer.nonTrainableWeights) {
        // A layer that stands in several places measures in each of them.
        shares.set(originalName, momentum! ** inboundNodes.length);
      }
    }
  };
  visit(model.layers);
  return shares;
}

const withZeros = (weights: Weights, isZero: (name: string) => boolean): Weights =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      { shape, data: isZero(name) ? new Float32Array(data.length) : data },
    ]),
  );
