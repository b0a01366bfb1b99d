/** A model that was opened once to predict many times: its network stays loaded until it is disposed of. */
import { OptionsError } from "@fer/core";
import { type Prediction, predictionsOf } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import { type FaceImages, facePixels } from "./face-pixels.js";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.js";
import { PREDICT_ONLY, type Predictor, predictorOf, predictRows, type RawPredictor } from "./predict.js";

export interface PixelOptions {
  /** What makes a picture square; default: as the pictures of the training were made. */
  fit?: Fit | undefined;
  signal?: AbortSignal | undefined;
}

/** What a predictor is made of. */
export interface FacePredictorParts {
  model: ModelInfo;
  /** What makes a picture square. */
  fit: Fit;
  /** The network; it scales what it is given by itself. */
  step: Predictor;
  /** Lets go of the network. */
  dispose(): void;
}

/** Use `Run.predictor`. */
export class FacePredictor {
  readonly model: ModelInfo;
  /** What makes a picture square: as those of the training were made. */
  readonly fit: Fit;
  readonly #parts: FacePredictorParts;
  #isDisposed = false;

  /** On an engine. The network is taken over: the engine makes a copy of it. */
  static async open(
    network: LayersModel,
    { model, fit, engine }: Pick<FacePredictorParts, "model" | "fit"> & { engine: Engine },
  ): Promise<FacePredictor> {
    const { scale, offset } = model;
    try {
      const step = await engine.prepare({ ...PREDICT_ONLY, frozen: true, model: network, input: { scale, offset } });
      return new FacePredictor({ model, fit, step, dispose: () => step.dispose() });
    } finally {
      network.dispose();
    }
  }

  constructor(parts: FacePredictorParts) {
    this.model = parts.model;
    this.fit = parts.fit;
    this.#parts = parts;
  }

  /**
   * Predicts faces, one prediction each; see `Run.predict`.
   *
   * @throws As `Run.predict`; {@link OptionsError} `DISPOSED` once it was disposed of.
   */
  async predict(images: FaceImages, options: PixelOptions = {}): Promise<Prediction[]> {
    const pixels = await this.pixels(images, options);
    const { size, channels } = this.model;
    const count = pixels.length / (size * size * channels);
    const raw = await predictRows(this.views(options.signal), { images: pixels, count });
    return predictionsOf({ raw, pixels }, this.model);
  }

  /** What {@link predict} makes of pictures: raw pixels `[n, size, size, channels]` of 0..255. */
  async pixels(images: FaceImages, { fit, signal }: PixelOptions = {}): Promise<Uint8Array> {
    return facePixels(images, { model: this.model, fit: fit ?? this.fit, signal });
  }

  /** Raw pixels in, the mean over all views out: `[count, classes]`, without the temperature of the model. */
  views(signal?: AbortSignal): RawPredictor {
    if (this.#isDisposed) {
      throw new OptionsError({
        code: "DISPOSED",
        subject: "predictor",
        found: "it was disposed of",
        fix: "Open another one",
      });
    }
    return predictorOf(this.#parts.step, { ...this.model, signal });
  }

  /** The network itself, which takes what {@link views} would give it, and grey levels between whole ones too. */
  get step(): Predictor {
    return this.#parts.step;
  }

  /** Lets go of the network; calling it twice is fine. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#parts.dispose();
  }
}
