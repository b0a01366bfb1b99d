/** The thread of `saveKerasModel`: encodes a model. */
import { answer } from "../thread.js";
import { encodeModel, type LayerWeights, type WholeModel } from "./h5-weights.js";

export interface H5Work {
  layers: readonly LayerWeights[];
  whole: WholeModel;
}

await answer(({ layers, whole }: H5Work) => encodeModel(layers, whole));
