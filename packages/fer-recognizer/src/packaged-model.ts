/**
 * A model as `fer export <run> --as tfjs` writes it, wherever its files come from: `model.json` says what it takes and
 * gives, and names the network (`network.json`, a layers model of TensorFlow.js, its weights beside it).
 */
import { FormatError } from "@fer/core/errors";
import { type NetworkInput, predictionsOf, prepareInput } from "@fer/core/inference";
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

/** Pictures that the network is given at once, each view of a face being one. */
const BATCH = 64;

export interface PackagedModelOptions {
  /** Views of a face whose mean is told, in place of the model's own. */
  views?: ModelInfo["views"] | undefined;
}

/**
 * Opens a model on the backend of TensorFlow.js that is current then.
 *
 * @throws FormatError `BAD_MODEL` where a file is not what it should be.
 */
export async function openPackagedModel(
  read: ReadModelFile,
  { views: wanted }: PackagedModelOptions = {},
): Promise<ExpressionModel> {
  const stored = parsed(Packaged, { name: "model.json", bytes: await read("model.json") });
  const model = { ...stored, views: wanted ?? stored.views };
  const name = model.export?.network ?? "network.json";
  const { modelTopology, weightsManifest } = parsed(Network, { name, bytes: await read(name) });
  const parts = await Promise.all(weightsManifest.flatMap(({ paths }) => paths).map(read));
  const network = await tf
    .loadLayersModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights) as unknown as tf.io.WeightsManifestEntry[],
        weightData: joined(parts),
      }),
    )
    .catch((cause: unknown) => {
      throw badModel(name, { found: `it does not open (${(cause as Error).message})`, cause });
    });
  return {
    model,
    async predict(pixels, { signal } = {}) {
      const length = model.size * model.size * model.channels;
      const step = Math.max(1, Math.floor(BATCH / model.views)) * length;
      const raw: number[] = [];
      for (let from = 0; from < pixels.length; from += step) {
        signal?.throwIfAborted();
        raw.push(...(await meanOf(prepareInput(pixels.subarray(from, from + step), model), network)));
      }
      return predictionsOf({ raw: Float32Array.from(raw), pixels }, model);
    },
    dispose: () => network.dispose(),
  };
}

/** The mean of what the network gives for each view; all of them go through it at once. */
async function meanOf({ shape, views }: NetworkInput, network: tf.LayersModel): Promise<Float32Array> {
  const mean = tf.tidy(() => {
    const inputs = views.map((view) => tf.tensor4d(view, shape));
    const found = network.predict(tf.concat(inputs)) as tf.Tensor2D;
    return tf.mean(tf.reshape(found, [views.length, shape[0], -1]), 0);
  });
  try {
    return (await mean.data()) as Float32Array;
  } finally {
    mean.dispose();
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
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw badModel(name, { found: "it is not JSON", cause });
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw badModel(name, { found: z.prettifyError(result.error).split("\n", 1)[0]!, cause: result.error });
  return result.data;
}

const badModel = (subject: string, parts: { found: string; cause: unknown }): FormatError =>
  new FormatError({ code: "BAD_MODEL", subject, expected: "a model as fer export --as tfjs writes it", ...parts });
