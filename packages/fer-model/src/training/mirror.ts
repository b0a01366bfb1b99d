/** Predictions that do not depend on which side is left: the mean over a picture and its mirror image. */
import type { PreparedStep } from "@fer/tfjs-graph";

/** The part of a step that predicts. */
export type Predictor = Pick<PreparedStep, "predict">;

/** A predictor of `[n, size, size, channels]` images that averages the probabilities of image and mirror image. */
export function mirrored(step: Predictor, { size, channels }: { size: number; channels: number }): Predictor {
  return {
    async predict(inputs, count) {
      const own = await step.predict(inputs, count);
      const other = await step.predict(mirror(inputs, size, channels), count);
      return own.map((probability, i) => (probability + other[i]!) / 2);
    },
  };
}

function mirror<T extends Uint8Array | Float32Array>(images: T, size: number, channels: number): T {
  const out = images.slice() as T;
  const line = size * channels;
  for (let row = 0; row < images.length; row += line) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) out[row + x * channels + c] = images[row + (size - 1 - x) * channels + c]!;
    }
  }
  return out;
}
