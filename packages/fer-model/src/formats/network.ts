/** A network of a file, before it is known what it takes. */
import type { LayersModel } from "@tensorflow/tfjs";
import type { Predictor } from "../predict/predict.js";
import type { InputShape } from "./model-file-info.js";

export interface Network {
  /** In words. */
  format: string;
  shape: InputShape;
  /** `null` where that is not known. */
  parameters: number | null;
  /** Where it has some. */
  layers?: LayersModel["layers"];
  /** Opens it for images that are scaled so. */
  prepare(scaling: Scaling): Promise<{ step: Predictor; dispose(): void }>;
  dispose(): void;
}

/** What images it is given: `[n, size, size, channels]`, of which it sees `pixel * scale + offset`. */
export interface Scaling {
  scale: number;
  offset: number;
  size: number;
  channels: number;
}
