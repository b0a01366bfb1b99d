/**
 * `Dropout`, `SpatialDropout1D` and `SpatialDropout2D` with the seeded, counter-based {@link dropoutMask}: one mask a
 * layer and step, the same on every engine.
 */
import type { serialization, Tensor } from "@tensorflow/tfjs";
import { dropoutMask } from "../ops/dropout-mask.js";
import { tf } from "../tf.js";
import { onlyTensor, type LayerConfig } from "./layer-config.js";
import { stepContext } from "./step-context.js";

export class Dropout extends tf.layers.Layer {
  static readonly className: string = "Dropout";

  /** Number among the dropout layers of the model; set when the model is rebuilt. */
  index = 0;
  protected readonly rate: number;

  constructor(private readonly config: LayerConfig) {
    super(config);
    this.supportsMasking = true;
    this.rate = Math.max(Math.min(config.rate ?? 0, 1), 0);
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      const context = stepContext();
      if (!(kwargs.training ?? false) || context === null || this.rate === 0 || this.rate === 1) return x.clone();
      const { rate, index: layer } = this;
      return x.mul(dropoutMask(context.step, { shape: this.maskShape(x), rate, seed: context.seed, layer }));
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...(this.config as serialization.ConfigDict), ...super.getConfig() };
  }

  /** Shape of the mask; axes of 1 are shared. */
  protected maskShape(x: Tensor): number[] {
    const { noiseShape } = this.config;
    return noiseShape ? noiseShape.map((size, i) => size ?? x.shape[i]!) : x.shape;
  }
}

export class SpatialDropout1D extends Dropout {
  static override readonly className = "SpatialDropout1D";
  protected override maskShape(x: Tensor): number[] {
    return [x.shape[0]!, 1, x.shape[2]!];
  }
}

/** Drops whole channels of `[n, h, w, c]`. tfjs-layers has none; register ours to use it in a model of your own. */
export class SpatialDropout2D extends Dropout {
  static override readonly className = "SpatialDropout2D";
  protected override maskShape(x: Tensor): number[] {
    return [x.shape[0]!, 1, 1, x.shape[3]!];
  }
}
