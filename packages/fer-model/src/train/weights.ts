/** Between the state of a step and the weights of a model. */
import type { HostTensor, StepState } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import { tf } from "@fer/tfjs-graph";

/** Weights by layer-qualified name, as in {@link StepState}. */
export type Weights = Record<string, HostTensor>;

/** The weights that predict: averaged ones where the optimizer keeps averages. */
export function predictingWeights(state: StepState): Weights {
  return Object.fromEntries(
    Object.entries(state.weights).map(([name, own]) => [name, state.slots[`ema/${name}`] ?? own]),
  );
}

/** The weights that a model has now. */
export function weightsOf(model: LayersModel): Weights {
  return Object.fromEntries(
    model.weights.map((weight) => [
      weight.originalName,
      { shape: weight.shape.map(Number), data: Float32Array.from(weight.read().dataSync()) },
    ]),
  );
}

/** Runs `use` while the model has other weights; it has its own again afterwards. */
export async function withWeights<T>(
  { model, weights }: { model: LayersModel; weights: Weights },
  use: () => Promise<T>,
): Promise<T> {
  const before = weightsOf(model);
  assign(model, weights);
  try {
    return await use();
  } finally {
    assign(model, before);
  }
}

function assign(model: LayersModel, weights: Weights): void {
  tf.tidy(() => {
    for (const weight of model.weights) {
      const { data, shape } = weights[weight.originalName]!;
      weight.write(tf.tensor(data, shape));
    }
  });
}
