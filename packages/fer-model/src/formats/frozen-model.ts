/**
 * A model that only predicts, for programs that do so all day: its weights are constants of an ONNX graph, which
 * onnxruntime folds and lays out for the processor once. It is made once and opened in as many threads as wanted, and is
 * what `fer export --as onnx` writes.
 */
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import { GraphError, modelGraph, onnxFile } from "@fer/tfjs-graph";
import type { Tensor } from "@tensorflow/tfjs";
import { FacePredictor } from "../predict/face-predictor.js";
import { networkAt } from "./load-model.js";
import { openOnnx } from "./open-onnx.js";
import { singleViewOps } from "./single-view.js";

/** Plain data, which threads can be sent. */
export interface FrozenModel {
  model: ModelInfo;
  /** What makes a face square. */
  fit: Fit;
  /** The network as an ONNX file. Of a model of one view, standardising is part of it, as of an exported file. */
  onnx: Uint8Array;
}

/**
 * Makes it of a run, what `fer export --as tfjs` wrote, or a package that holds either.
 *
 * @param options.views Views that a prediction is the mean of; those of the model where left out.
 * @returns `null` of a file of a model, and where the network has a layer that ONNX has not.
 * @throws As `loadModel`.
 *
 * @example
 * ```ts
 * import { freezeModel, openFrozenModel } from "@fer/model";
 *
 * const frozen = await freezeModel("runs/first", { views: 1 });
 * if (frozen === null) throw new Error("it has a layer that ONNX has not");
 * const model = await openFrozenModel(frozen);
 * console.log(model.model.views); // 1
 * model.dispose();
 * ```
 */
export async function freezeModel(
  source: string,
  { views }: { views?: ModelInfo["views"] | undefined } = {},
): Promise<FrozenModel | null> {
  const found = await networkAt(source);
  if (found === null) return null;
  const { network, model: own, fit } = found;
  try {
    const model = views === undefined ? own : { ...own, views };
    const { size, channels, crop, scale, offset } = model;
    const edge = edgeOf(model);
    const graph = await modelGraph({
      model: network,
      inputShape: [edge, edge, channels],
      before: model.views === 1 ? singleViewOps(model) : (rows: Tensor) => rows.mul(scale).add(offset),
    });
    const { crop: _, ...whole } = model;
    const fed = model.views === 1 && (model.standardize || crop !== undefined);
    return { model: fed ? { ...whole, size, standardize: false } : model, fit, onnx: onnxFile(graph) };
  } catch (error) {
    if (error instanceof GraphError) return null;
    throw error;
  } finally {
    network.dispose();
  }
}

/**
 * Opens it in the thread that calls, where its work is done too. Whoever asked for it disposes of it.
 *
 * @param options.threads Threads that share the work of one call; default 1, for programs that make many at once.
 * @throws EngineError where onnxruntime is not installed.
 */
export async function openFrozenModel(
  { model, fit, onnx }: FrozenModel,
  { threads = 1 }: { threads?: number | undefined } = {},
): Promise<FacePredictor> {
  const network = await openOnnx(onnx, { threads });
  const { step, dispose } = await network.prepare({
    scale: 1,
    offset: 0,
    size: edgeOf(model),
    channels: model.channels,
  });
  return new FacePredictor({ model, fit, step, dispose });
}

/** Edge of what the graph takes: of a model of one view the whole image, else what the network takes. */
const edgeOf = ({ views, size, crop }: ModelInfo): number => (views === 1 ? size : (crop ?? size));
