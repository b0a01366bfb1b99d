/**
 * Models of TensorFlow.js from disk: layers models (`model.json` of `tf.LayersModel.save`, of the converter, or of
 * `fer export --as tfjs`) and graph models. Nothing but the files that the JSON names beside itself is read.
 */
import { FormatError } from "@fer/core";
import { tf } from "@fer/tfjs-graph";
import type { GraphModel, io, LayersModel } from "@tensorflow/tfjs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { checkWeights } from "./check-weights.js";

const Entry = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.string(),
  quantization: z.looseObject({ dtype: z.string() }).optional(),
});

/** A `model.json` of TensorFlow.js, as far as it is needed. */
export const TfjsModelJson = z.looseObject({
  format: z.string().nullish(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(Entry) })).optional(),
  signature: z.record(z.string(), z.unknown()).nullish(),
});
export type TfjsModelJson = z.infer<typeof TfjsModelJson>;

/** Which of the two it is. */
export const tfjsKind = ({ format, modelTopology }: TfjsModelJson): "layers-model" | "graph-model" =>
  format === "graph-model" || "node" in modelTopology ? "graph-model" : "layers-model";

/** The JSON of a file, or `null` where it is not one of TensorFlow.js. @throws FormatError where it cannot be read. */
export async function readTfjsJson(path: string): Promise<TfjsModelJson | null> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return TfjsModelJson.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}

/** Where a model is. */
interface TfjsPlace {
  /** Of its JSON. */
  path: string;
  /** Its weights, where they are not to be read from the files that it names. */
  weights?: Uint8Array;
}

async function artifactsOf(json: TfjsModelJson, { path, weights }: TfjsPlace): Promise<io.ModelArtifacts> {
  const groups = json.weightsManifest ?? [];
  const data = weights ?? (await readShards(path, groups));
  const weightSpecs = groups.flatMap(({ weights }) => weights);
  checkWeights(weightSpecs, { path, bytes: data.length });
  return {
    modelTopology: json.modelTopology,
    weightSpecs: weightSpecs as unknown as io.WeightsManifestEntry[],
    weightData: Uint8Array.from(data).buffer,
    ...(json.signature == null ? {} : { signature: json.signature }),
  };
}

async function readShards(path: string, groups: readonly { paths: readonly string[] }[]): Promise<Buffer> {
  const shards: Buffer[] = [];
  for (const file of groups.flatMap(({ paths }) => paths)) {
    if (basename(file) !== file) {
      throw new FormatError({
        code: "WEIGHTS_ELSEWHERE",
        subject: path,
        found: `weights in "${file}"`,
        expected: "files beside it",
        fix: "Put them into its folder, and their names into weightsManifest",
      });
    }
    const shard = join(dirname(path), file);
    shards.push(
      await readFile(shard).catch((cause: unknown) => {
        throw unreadable(shard, cause);
      }),
    );
  }
  return Buffer.concat(shards);
}

/** Loads a layers model. @throws FormatError where files are missing or do not fit, or a layer is unknown. */
export async function loadTfjsLayers(json: TfjsModelJson, place: TfjsPlace): Promise<LayersModel> {
  const artifacts = await artifactsOf(json, place);
  return tf.loadLayersModel({ load: async () => artifacts }).catch(async (cause: unknown) => {
    const misfit = await misfitOf(artifacts);
    if (misfit !== null) {
      throw new FormatError({
        code: "WEIGHTS_DO_NOT_FIT",
        subject: place.path,
        ...misfit,
        fix: "Pass the weights that were saved with this architecture",
        cause,
      });
    }
    throw new FormatError({
      code: "UNSUPPORTED_TFJS_MODEL",
      subject: place.path,
      found: `TensorFlow.js cannot build it (${firstLine(cause)})`,
      expected: "layers that TensorFlow.js has, and the weights of all of them",
      fix: "A layer of your own is known after tf.serialization.registerClass",
      cause,
    });
  });
}

/** The first weight whose shape is another one than its layer has; `null` where that is not what is wrong. */
async function misfitOf({
  modelTopology,
  weightSpecs = [],
}: io.ModelArtifacts): Promise<{ found: string; expected: string } | null> {
  const model = await tf.loadLayersModel({ load: async () => ({ modelTopology: modelTopology! }) }).catch(() => null);
  if (model === null) return null;
  try {
    const specs = new Map(weightSpecs.map((spec) => [spec.name, spec.shape]));
    for (const layer of model.layers) {
      for (const { originalName, shape } of layer.weights) {
        const stored = specs.get(originalName);
        if (stored === undefined || stored.join() === shape.join()) continue;
        return {
          found: `shape [${stored.join(", ")}] of "${originalName}"`,
          expected: `[${shape.join(", ")}] for "${originalName}" of layer "${layer.name}"`,
        };
      }
    }
    return null;
  } finally {
    model.dispose();
  }
}

/** Loads a graph model. @throws FormatError where files are missing or damaged, or an op is unknown. */
export async function loadTfjsGraph(json: TfjsModelJson, place: TfjsPlace): Promise<GraphModel> {
  const artifacts = await artifactsOf(json, place);
  return tf.loadGraphModel({ load: async () => artifacts }).catch((cause: unknown) => {
    throw new FormatError({
      code: "UNSUPPORTED_TFJS_MODEL",
      subject: place.path,
      found: `TensorFlow.js cannot load it (${firstLine(cause)})`,
      expected: "a graph model that tensorflowjs_converter or fer export wrote",
      cause,
    });
  });
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

function unreadable(path: string, cause: unknown): FormatError {
  const { code } = cause as NodeJS.ErrnoException;
  return new FormatError({
    code: "NO_MODEL_FILE",
    subject: path,
    found: code === "ENOENT" ? "no such file" : `it cannot be read (${String(cause)})`,
    expected: "a model of TensorFlow.js: model.json, and its weights beside it",
    cause,
  });
}
