/** What names expressions: a run, a model of this package, or one of the caller's own. */
import type { Prediction } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";

/** A model that is open. A `FacePredictor` of `@fer/model` is one. */
export interface ExpressionModel {
  readonly model: ModelInfo;
  /** What makes a face square, where the steps of `model` do not say it. */
  readonly fit?: Fit;
  /** @param pixels `[n, size, size, channels]`, raw 0..255: faces, cut out. */
  predict(pixels: Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<Prediction[]>;
  dispose(): void;
}
