/**
 * Models as TensorFlow.js keeps them: JSON of the layers, and one file of all weights. Several models may share that.
 *
 * Quantised weights are made whole again when they are loaded (`uint8`: `q * scale + min`, by tensor): the file is
 * smaller, not the model. Biases and statistics, which are few, stay as they are in `uint8`.
 */
import { SpatialDropout2D } from "@fer/tfjs-graph";
import type { io, LayersModel } from "@tensorflow/tfjs";
import { readModelWeights } from "../keras/model-weights.js";
import { kerasArchitecture } from "../keras/write-architecture.js";
import { float16Bits } from "./float16.js";

export const QUANTIZATIONS = ["none", "float16", "uint8"] as const;
export type Quantization = (typeof QUANTIZATIONS)[number];

/** A tensor of a file of weights. */
interface StoredWeight {
  spec: io.WeightsManifestEntry;
  data: Uint8Array;
}

/** Files of models over the same weights, by name. */
export interface TfjsFiles {
  /** JSON of each model. */
  models: Record<string, string>;
  weights: Uint8Array;
}

/**
 * @param models By the name of their JSON; weights of the same name are the same.
 * @param weights Name of the file of the weights.
 */
export function tfjsLayersFiles(
  models: Readonly<Record<string, LayersModel>>,
  { weights: file, quantize }: { weights: string; quantize: Quantization },
): TfjsFiles {
  const described = Object.entries(models).map(([name, model]) => {
    const { json, layers } = kerasArchitecture(model);
    return { name, model, topology: plainTopology(JSON.parse(json)), layers };
  });
  const tensors = new Map<string, Weight>();
  for (const { model, layers } of described) {
    for (const { weights } of readModelWeights(model, layers)) {
      for (const { name, ...tensor } of weights) {
        const plain = name.replace(/:0$/, "");
        if (!tensors.has(plain)) tensors.set(plain, { name: plain, ...tensor });
      }
    }
  }
  const stored = [...tensors.values()].map((tensor) => storedWeight(tensor, quantize));
  const texts = described.map(({ name, topology }) => {
    const weightsManifest = [{ paths: [file], weights: stored.map(({ spec }) => spec) }];
    const content = { format: "layers-model", generatedBy: "@fer/model", modelTopology: topology, weightsManifest };
    return [name, `${JSON.stringify(content)}\n`] as const;
  });
  return { models: Object.fromEntries(texts), weights: Buffer.concat(stored.map(({ data }) => data)) };
}

/** Without what TensorFlow.js does not read, and with Keras' spatial dropout as a dropout of whole channels. */
function plainTopology(topology: {
  config: { layers: { class_name: string; config: object; module?: string; registered_name?: unknown }[] };
}): object {
  const layers = topology.config.layers.map(({ module: _, registered_name: __, ...layer }) =>
    layer.class_name === SpatialDropout2D.className
      ? { ...layer, class_name: "Dropout", config: { ...layer.config, noise_shape: [null, 1, 1, null] } }
      : layer,
  );
  const { module: _, registered_name: __, ...rest } = topology as Record<string, unknown>;
  return { ...rest, config: { ...topology.config, layers } };
}

interface Weight {
  name: string;
  shape: number[];
  data: Float32Array;
}

function storedWeight({ name, shape, data }: Weight, quantize: Quantization): StoredWeight {
  const spec: io.WeightsManifestEntry = { name, shape, dtype: "float32" };
  const bytes = (array: ArrayBufferView): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (quantize === "float16") {
    return { spec: { ...spec, quantization: { dtype: "float16" } as never }, data: bytes(float16Bits(data)) };
  }
  if (quantize === "none" || shape.length < 2) return { spec, data: bytes(data) };
  let [min, max] = [Infinity, -Infinity];
  for (const value of data) [min, max] = [Math.min(min, value), Math.max(max, value)];
  const scale = max > min ? (max - min) / 255 : 1;
  const levels = Uint8Array.from(data, (value) => Math.round((value - min) / scale));
  return { spec: { ...spec, quantization: { dtype: "uint8", scale, min } }, data: levels };
}

/** Artifacts of a graph model as its two files. */
export function tfjsGraphFiles(
  { weightSpecs, weightData, ...model }: io.ModelArtifacts,
  weights: string,
): { json: string; weights: Uint8Array } {
  const weightsManifest = [{ paths: [weights], weights: weightSpecs }];
  return {
    json: `${JSON.stringify({ ...model, weightsManifest })}\n`,
    weights: new Uint8Array(weightData as ArrayBuffer),
  };
}
