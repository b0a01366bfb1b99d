/**
 * A model as `fer export <run> --as tfjs` writes it, wherever its files come from: `model.json` says what it takes and
 * gives, and names the network (`network.json`, a layers model of TensorFlow.js, its weights beside it).
 */
import { FormatError } from "@fer/core/errors";
import { predictionsOf, prepareInput } from "@fer/core/inference";
import { ModelInfo } from "@fer/core/model-info";
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import type { ExpressionModel } from "./expression-model.js";

/** Gives the bytes of a file of the model, by its name: `fetch`, a folder, a bundler's imports. */
export type ReadModelFile = (name: string) => Promise<Uint8Array>;

const Packaged = ModelInfo.extend({ export: z.object({ network: z.string() }).optional() });

const Network = z.object({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.looseObject({})) })),
});

/** Pictures that the network is given at once. */
const BATCH = 64;

/**
 * Opens a model on the backend of TensorFlow.js that is current then.
 *
 * @throws FormatError `BAD_MODEL` where a file is not what it should be.
 */
export async function openPackagedModel(read: ReadModelFile): Promise<ExpressionModel> {
  const model = parsed(Packaged, { name: "model.json", bytes: await read("model.json") });
  const name = model.export?.network ?? "network.json";
  const { modelTopology, weightsManifest } = parsed(Network, { name, bytes: await read(name) });
  const parts = await Promise.all(weightsManifest.flatMap(({ paths }) => paths).map(read));
  const network = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights) as unknown as tf.io.WeightsManifestEntry[],
      weightData: joined(parts),
    }),
  );
  return {
    model,
    async predict(pixels, { signal } = {}) {
      const length = model.size * model.size * model.channels;
      const raw: number[] = [];
      for (let from = 0; from < pixels.length; from += BATCH * length) {
        signal?.throwIfAborted();
        const { shape, views } = prepareInput(pixels.subarray(from, from + BATCH * length), model);
        raw.push(
          ...(await meanOf(
            views.map((view) => tf.tensor4d(view, shape)),
            network,
          )),
        );
      }
      return predictionsOf({ raw: Float32Array.from(raw), pixels }, model);
    },
    dispose: () => network.dispose(),
  };
}

/** The mean of what the network gives for each view. */
async function meanOf(views: tf.Tensor4D[], network: tf.LayersModel): Promise<Float32Array> {
  const mean = tf.tidy(() => tf.mean(tf.stack(views.map((view) => network.predict(view) as tf.Tensor2D)), 0));
  try {
    return (await mean.data()) as Float32Array;
  } finally {
    tf.dispose([mean, ...views]);
  }
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
}

function parsed<S extends z.ZodType>(schema: S, { name, bytes }: { name: string; bytes: Uint8Array }): z.output<S> {
  const bad = (found: string, cause: unknown): FormatError =>
    new FormatError({
      code: "BAD_MODEL",
      subject: name,
      found,
      expected: "a model as fer export --as tfjs writes it",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw bad("it is not JSON", cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw bad(z.prettifyError(result.error).split("\n", 1)[0]!, result.error);
  return result.data;
}
