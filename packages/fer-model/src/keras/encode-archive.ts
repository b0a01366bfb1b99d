/**
 * A `.keras` archive as Keras 3 writes it: `config.json`, `metadata.json`, and weights by class and number (see
 * `v3-weights.ts` for the layout). The architecture is the one that {@link kerasArchitecture} writes, which Keras 3 reads.
 */
import { FormatError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { storedZip } from "../formats/stored-zip.js";
import { writeHdf5 } from "./hdf5.js";
import { readModelWeights } from "./model-weights.js";
import { snakeCase } from "./v3-weights.js";
import { kerasArchitecture } from "./write-architecture.js";

/** The version whose layout this is. */
const KERAS_3 = "3.12.0";

interface KerasJson {
  config: { layers: { class_name: string; config: { name: string } }[] };
}

/** Layers that keep their weights in layers of their own, in places that are not written here. */
const HOLDERS = new Set(["Bidirectional", "TimeDistributed", "RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"]);

/**
 * Bytes of an archive; equal models give equal bytes.
 *
 * @param info Kept as `fer_model.json` in it; Keras passes over that.
 * @throws {@link FormatError} for recurrent and wrapping layers.
 */
export async function encodeKerasArchive(model: LayersModel, info?: object): Promise<Buffer> {
  const { json, layers } = kerasArchitecture(model);
  const config = { ...(JSON.parse(json) as KerasJson), keras_version: KERAS_3 };
  const weights = readModelWeights(model, layers);
  const counts = new Map<string, number>();
  const bytes = await writeHdf5((file) => {
    let datasets = 0;
    const root = file.create_group("layers");
    for (const {
      class_name,
      config: { name },
    } of config.config.layers) {
      const kind = snakeCase(class_name);
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      const own = weights.find(({ layer }) => layer === name)?.weights ?? [];
      if (HOLDERS.has(class_name)) throw unsupported(class_name, name);
      const vars = root.create_group(count === 0 ? kind : `${kind}_${count}`).create_group("vars");
      for (const [index, { shape, data }] of own.entries()) {
        vars.create_dataset({ name: String(index), data, shape, dtype: "<f" });
        datasets++;
      }
    }
    return datasets;
  });
  return storedZip([
    ["metadata.json", JSON.stringify({ keras_version: KERAS_3, date_saved: "1980-01-01@00:00:00" })],
    ["config.json", JSON.stringify(config)],
    ["model.weights.h5", bytes],
    ...(info === undefined ? [] : [["fer_model.json", JSON.stringify(info)] as const]),
  ]);
}

const unsupported = (className: string, layer: string): FormatError =>
  new FormatError({
    code: "UNSUPPORTED_EXPORT",
    subject: `layer "${layer}"`,
    found: `a ${className}, which holds its weights in layers of its own`,
    expected: "layers with weights of their own, for .keras",
    fix: "Export it as h5, which Keras 3 reads too",
  });
