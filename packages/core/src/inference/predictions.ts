/** What probabilities say of faces, in words. */
import { type FaceLikeness, faceLikeness } from "../face-likeness/face-likeness.js";
import type { ModelInfo } from "../run/model-info.js";
import { argMaxRows, softened } from "./probabilities.js";

/** What a prediction says about one image. */
export interface Prediction {
  expression: string;
  /** Of that expression, [0, 1]. */
  confidence: number;
  /** By class name. */
  probabilities: Record<string, number>;
  /**
   * Why the image may not show a face: it is blank, noise, or does not look like one; `null` where nothing speaks against
   * it. Do not rely on the expression where there is a doubt. ({@link faceLikeness} of `@fer/core` says how it judges.)
   */
  doubt: FaceLikeness["reason"];
}

/** What a network gave for some images. */
export interface NetworkResult {
  /** `[n, classes]`, the mean over the views, without the temperature. */
  raw: Float32Array;
  /** The images, `[n, size, size, channels]`, raw 0..255. */
  pixels: Uint8Array;
}

/** One prediction an image, calibrated where the model is. */
export function predictionsOf(
  { raw, pixels }: NetworkResult,
  model: Pick<ModelInfo, "size" | "channels" | "classes" | "temperature">,
): Prediction[] {
  const { size, channels, classes } = model;
  const length = size * size * channels;
  const probabilities = calibrated(raw, model);
  // Before the temperature, which may make two probabilities equal that are next to each other.
  return Array.from(argMaxRows(raw, classes.length), (label, i) => {
    const row = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    return {
      expression: classes[label]!,
      confidence: row[label]!,
      probabilities: Object.fromEntries(classes.map((name, c) => [name, row[c]!])),
      doubt: faceLikeness({ data: pixels.subarray(i * length, (i + 1) * length), size, channels }).reason,
    };
  });
}

/** With the temperature of the model, where it has one. */
export const calibrated = (
  raw: Float32Array,
  { temperature, classes }: Pick<ModelInfo, "temperature" | "classes">,
): Float32Array => (temperature === undefined ? raw : softened(raw, { classes: classes.length, temperature }));
