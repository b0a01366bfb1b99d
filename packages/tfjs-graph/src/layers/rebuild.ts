/**
 * A copy of a `tf.LayersModel` that our engines can run: batch normalization and dropout replaced by ours, the final
 * softmax taken off. Weights are named and shaped as in the original, which is left alone.
 *
 * tfjs-layers finds a class by its name in `SerializationMap`; `customObjects` does not reach nested configs there,
 * so the entries are swapped while the copy is made.
 */
import type { LayersModel, LayerVariable, serialization, Tensor, Variable } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import { tf } from "../tf.js";
import { BatchNormalization } from "./batch-normalization.js";
import { patchDilatedConv2d } from "./dilated-conv2d.js";
import { Dropout, SpatialDropout1D, SpatialDropout2D } from "./dropout.js";
import { withinLayer } from "./step-context.js";
import {
  prepareTopology,
  removeFinalSoftmax,
  restoreDepthMultipliers,
  setInputShape,
  type LayerJson,
} from "./topology.js";

/** One weight of the rebuilt model. */
export interface ModelWeight {
  /** Layer-qualified Keras name, e.g. `conv2d/kernel`. */
  name: string;
  shape: number[];
  trainable: boolean;
  /** The tfjs-layers holder; its value is a `tf.Variable`. */
  holder: LayerVariable;
}

export interface RebuiltModel {
  /** Gives logits; its variables live on the backend that was set when it was rebuilt. */
  model: LayersModel;
  weights: ModelWeight[];
  /** Shape of one input row, e.g. `[48, 48, 1]`. */
  inputShape: number[];
  classes: number;
  dispose(): void;
}

type LayerClass = serialization.SerializableConstructor<serialization.Serializable>;
const replacements = [BatchNormalization, Dropout, SpatialDropout1D, SpatialDropout2D] as unknown as LayerClass[];

/** Reading JSON, tfjs turns names into camel case, this one too, and then does not know it. */
const GELU_NEW = ["gelu_new", "geluNew"] as const;

async function withOurLayers<T>(run: () => Promise<T>): Promise<T> {
  const map = tf.serialization.SerializationMap.getMap().classNameMap;
  const names = [...replacements.map(({ className }) => className), GELU_NEW[1]];
  const before = names.map((name) => [name, map[name]] as const);
  for (const layer of replacements) map[layer.className] = [layer, (cls, config) => new cls(config)];
  map[GELU_NEW[1]] = map[GELU_NEW[0]]!;
  try {
    return await run();
  } finally {
    for (const [name, entry] of before) {
      if (entry === undefined) delete map[name];
      else map[name] = entry;
    }
  }
}

/** The variable behind a layer's weight. */
export const variableOf = (weight: { holder: LayerVariable }): Variable => weight.holder.read() as Variable;

/** Runs `run` with other values in place of the weights. */
export function withValues<T>(weights: ModelWeight[], { values, run }: { values: Tensor[]; run: () => T }): T {
  const holders = weights.map(({ holder }) => holder as unknown as { val: Tensor });
  const own = holders.map(({ val }) => val);
  holders.forEach((holder, i) => (holder.val = values[i]!));
  try {
    return run();
  } finally {
    holders.forEach((holder, i) => (holder.val = own[i]!));
  }
}

/**
 * Rebuilds `model` on the current backend, with its present weights, for inputs of another shape if one is given.
 *
 * @throws GraphError where it has other weights for that shape; for layers that cannot be captured, several inputs or outputs, or outputs that are not classes.
 */
export async function rebuild(model: LayersModel, shape?: readonly number[]): Promise<RebuiltModel> {
  const { inputShape: own, classes } = signature(model);
  const inputShape = [...(shape ?? own)];
  const topology = structuredClone(model.toJSON(null, false)) as unknown as LayerJson;
  prepareTopology(topology);
  restoreDepthMultipliers(topology, model);
  removeFinalSoftmax(topology);
  if (shape !== undefined) setInputShape(topology, { from: own, to: shape });
  const copy = await withOurLayers(() => tf.models.modelFromJSON({ modelTopology: topology } as never)).catch(
    (cause: unknown) => {
      throw shape === undefined ? cause : otherShape(model, { shape, found: (cause as Error).message, cause });
    },
  );
  markLayers(copy);
  const trainable = new Set(copy.trainableWeights.map((weight) => weight.id));
  const weights = copy.weights.map((holder) => ({
    name: holder.originalName,
    shape: holder.shape as number[],
    trainable: trainable.has(holder.id),
    holder,
  }));
  refuseDuplicates(weights);
  for (const [i, { name, shape: found }] of weights.entries()) {
    const wanted = model.weights[i]!.shape as number[];
    if (found.join() === wanted.join()) continue;
    copy.dispose();
    const text = `${name} is [${found.join(", ")}], and [${wanted.join(", ")}] for [${own.join(", ")}]`;
    throw otherShape(model, { shape: inputShape, found: text });
  }
  for (const [i, original] of model.weights.entries()) {
    // A copy through the host: the copy may live on another backend than the original.
    const values = await original.read().data();
    tf.tidy(() => variableOf(weights[i]!).assign(tf.tensor(values, original.shape as number[], "float32")));
  }
  return { model: copy, weights, inputShape, classes, dispose: () => void copy.dispose() };
}

function signature(model: LayersModel): { inputShape: number[]; classes: number } {
  const [input, output] = [model.inputs, model.outputs];
  const refuse = (why: { found: string; expected: string; fix: string }): never => {
    throw new GraphError({ code: "UNSUPPORTED_MODEL", subject: `model "${model.name}"`, ...why });
  };
  if (input.length !== 1 || output.length !== 1) {
    const fix = "Train a model of its own, or give compile() a function of tensors";
    refuse({ found: `it has ${input.length} inputs and ${output.length} outputs`, expected: "one of each", fix });
  }
  const inputShape = input[0]!.shape.slice(1) as number[];
  if (inputShape.some((size) => size === null)) {
    const fix = "Give its first layer an inputShape of numbers, e.g. [48, 48, 1]";
    const found = `its input has the shape ${shapeText(input[0]!.shape)}`;
    refuse({ found, expected: "a size for every axis but the batch", fix });
  }
  const outputShape = output[0]!.shape;
  if (outputShape.length !== 2 || outputShape[1] === null) {
    const fix = "End the model with a flatten or global pooling layer and a dense layer";
    refuse({ found: `its output has the shape ${shapeText(outputShape)}`, expected: "[batch, classes]", fix });
  }
  return { inputShape, classes: outputShape[1]! };
}

function otherShape(
  model: LayersModel,
  { shape, found, cause }: { shape: readonly number[]; found: string; cause?: unknown },
): GraphError {
  return new GraphError({
    code: "INPUT_SHAPE",
    subject: `model "${model.name}" for inputs [${shape.join(", ")}]`,
    found,
    expected: "the weights that it has",
    cause,
  });
}

/** A shape of tfjs-layers, whose open axes are null: `[batch, ?, 48, 1]`. */
const shapeText = ([, ...shape]: readonly (number | null)[]): string =>
  `[${["batch", ...shape.map((size) => size ?? "?")].join(", ")}]`;

/** Numbers the dropout layers, and makes every layer known while it runs, for messages of the capture. */
function markLayers(model: LayersModel): void {
  let dropouts = 0;
  const visit = (layers: LayersModel["layers"]): void => {
    for (const layer of layers) {
      if (layer instanceof Dropout) layer.index = dropouts++;
      const wrapped = (layer as { layer?: LayersModel["layers"][number] }).layer;
      if (wrapped instanceof Dropout) wrapped.index = dropouts++;
      if ("layers" in layer) {
        visit((layer as LayersModel).layers);
      } else {
        patchDilatedConv2d(layer);
        const call = layer.call.bind(layer);
        layer.call = (inputs: Tensor | Tensor[], kwargs: Record<string, unknown>) =>
          withinLayer(layer.name, () => call(inputs, kwargs));
      }
    }
  };
  visit(model.layers);
}

function refuseDuplicates(weights: ModelWeight[]): void {
  const names = new Set<string>();
  for (const { name } of weights) {
    if (names.has(name)) {
      throw new GraphError({
        code: "DUPLICATE_WEIGHT",
        subject: `weight "${name}"`,
        found: "two weights of the model have this name",
        expected: "unique layer names, also in nested models",
        fix: "Rename one of the layers",
        context: { name },
      });
    }
    names.add(name);
  }
}
