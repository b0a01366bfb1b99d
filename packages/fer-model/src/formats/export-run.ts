/** A run as a model that other tools open: raw grey levels in, probabilities out. */
import { OptionsError, parseOptions, type TaskHooks } from "@fer/core";
import { buildExport, EXPORT_MANIFEST, hashFile, Manifest } from "@fer/core/artifact";
import { argMaxRows } from "@fer/core/inference";
import { type ModelInfo, readTrainingIndex, RunFolder, seenIndexFiles, toJson } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet, Part } from "@fer/core/set";
import { modelGraph, onnxFile, savedModelFile, tfjsGraphModel } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluationSamples } from "../data/samples.js";
import { ENGINES } from "../engine/engine.js";
import { selectEngine } from "../engine/select.js";
import { encodeKerasArchive } from "../keras/encode-archive.js";
import { saveKerasModel } from "../keras/save-keras-model.js";
import { PREDICT_ONLY, predictSubset } from "../predict/predict.js";
import { openRun, type Run } from "../predict/run.js";
import { ExportedModel, ExportFormat } from "./exported-model.js";
import { loadTfjsLayers, TfjsModelJson } from "./load-tfjs.js";
import { singleViewInput, singleViewModel, singleViewOps } from "./single-view.js";
import { QUANTIZATIONS, tfjsGraphFiles, tfjsLayersFiles } from "./tfjs-layers.js";

export const ExportRunOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the exported files"),
  as: ExportFormat.describe("Format of the model"),
  quantize: z
    .enum(QUANTIZATIONS)
    .default("none")
    .describe("Precision of the weights in the file, of tfjs: a half (float16) or a quarter (uint8) of the bytes"),
  part: Part.default("test").describe("Part of the set that the accuracy is measured on"),
  engine: z
    .enum(["auto", ...ENGINES])
    .default("auto")
    .describe("What measures the accuracy"),
  overwrite: z.boolean().default(false).describe("Replace an earlier export of another model"),
});
export type ExportRunOptions = z.infer<typeof ExportRunOptions>;

export interface ExportedRun {
  to: string;
  /** Below `to`. */
  files: string[];
  model: ExportedModel;
  /** It was there already, made from the same run and options. */
  reused: boolean;
}

/** What is passed by value. */
export interface ExportRunValues extends TaskHooks {
  /** Set to measure the single view of the file on, beside what the run says; not measured where left out. */
  set?: AssembledSet | undefined;
  onNote?: ((text: string) => void) | undefined;
}

/** Raised when the same run gives other bytes. */
const VERSION = 2;
const MODEL_FILE = "model.json";

/** What is written of a model. */
interface Written {
  files: Record<string, Uint8Array | string>;
  /** Files that are there already. */
  there?: string[];
  file: string;
  network?: string;
  input: string;
  output: string;
  calibrated: boolean;
  /** The network with the weights that were written. */
  measured: LayersModel;
}

/** What a format is written from. */
interface Source {
  network: LayersModel;
  info: ModelInfo;
  quantize: ExportRunOptions["quantize"];
  /** Folder that files can be written to at once. */
  tree: string;
}

/**
 * Exports the chosen weights of a run to a folder: the model in the format, `model.json`, which says what it takes and
 * gives, and `seen-*.npy`, hashes of what it was trained on. An export of the same run and options that is there already is kept.
 *
 * @throws OptionsError for a run of folds, and for options that do not go together; FormatError where something else is
 * at `to`; GraphError for a layer that a format does not have.
 * @example
 * ```ts
 * import { exportRun } from "@fer/model";
 *
 * const { model } = await exportRun("runs/first", { to: "models/first-onnx", as: "onnx" });
 * console.log(model.export.input.shape); // [ null, 48, 48, 1 ]
 * ```
 */
export async function exportRun(
  folder: string,
  { set, onNote, onProgress: _, signal, ...input }: z.input<typeof ExportRunOptions> & ExportRunValues,
): Promise<ExportedRun> {
  const options = parseOptions(input, { schema: ExportRunOptions, subject: "export options" });
  const { to, as, quantize, part, overwrite } = options;
  if (quantize !== "none" && as !== "tfjs") {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "quantize",
      found: `${quantize}, with as ${as}`,
      expected: "quantised weights as tfjs only",
    });
  }
  const run = await openRun(folder);
  const network = await run.network();
  try {
    const info = run.model!;
    const weights = await hashFile(join(folder, `${run.outcome!.weights}.h5`));
    const measuredOn = set === undefined ? null : { fingerprint: await acceptedFingerprint(set), part };
    const identity = { as, quantize, version: VERSION, weights: weights.sha256, model: info, measuredOn };
    let made: ExportedModel | undefined;
    const { status } = await buildExport({ to, identity, overwrite, signal }, async (tree) => {
      const written = await WRITERS[as]({ network, info, quantize, tree });
      signal?.throwIfAborted();
      const accuracy = set === undefined ? null : await measured({ run, set, written, options, onNote, signal });
      const { size, channels } = info;
      made = {
        ...info,
        export: {
          format: as,
          quantize,
          file: written.file,
          input: { name: written.input, shape: [null, size, size, channels], dtype: "float32", range: [0, 255] },
          output: { name: written.output, calibrated: written.calibrated },
          ...(written.network === undefined ? {} : { network: written.network }),
          accuracy,
        },
      };
      if (written.measured !== network) written.measured.dispose();
      const index = await readTrainingIndex(await RunFolder.open(folder));
      const files = { ...written.files, ...(index === null ? {} : seenIndexFiles(index)) };
      for (const [name, content] of Object.entries(files)) await writeFile(join(tree, name), content);
      await writeFile(join(tree, MODEL_FILE), toJson(made));
      return [...Object.keys(files), ...(written.there ?? []), MODEL_FILE];
    });
    const manifest = (await Manifest.read(to, EXPORT_MANIFEST))!;
    const model = made ?? ExportedModel.parse(JSON.parse((await manifest.readFile(MODEL_FILE)).toString("utf8")));
    return { to, files: manifest.files, model, reused: status === "kept" };
  } finally {
    network.dispose();
  }
}

const WRITERS: Record<ExportFormat, (source: Source) => Promise<Written>> = {
  async tfjs({ network, info, quantize }) {
    const names = { network: "network.json", raw: "raw.json", weights: "network.bin" };
    const raw = singleViewModel(network, info);
    try {
      const models = { [names.network]: network, [names.raw]: raw.model };
      const { models: texts, weights } = tfjsLayersFiles(models, { weights: names.weights, quantize });
      const files = { ...texts, [names.weights]: weights };
      const common = { files, file: names.raw, network: names.network, input: "image", calibrated: raw.isCalibrated };
      const output = raw.model.outputNames[0]!;
      if (quantize === "none") return { ...common, output, measured: network };
      // What was written, as it is read.
      const json = TfjsModelJson.parse(JSON.parse(texts[names.network]!));
      return { ...common, output, measured: await loadTfjsLayers(json, { path: names.network, weights }) };
    } finally {
      raw.dispose();
    }
  },
  async "tfjs-graph"(source) {
    const graph = await graphOf(source);
    const { json, weights } = tfjsGraphFiles(tfjsGraphModel(graph), "weights.bin");
    return { ...ofGraph(source), files: { "graph.json": json, "weights.bin": weights }, file: "graph.json" };
  },
  async keras({ network, info }) {
    const raw = singleViewModel(network, info);
    try {
      const files = { "model.keras": await encodeKerasArchive(raw.model, info) };
      return { ...ofLayers(raw), files, file: "model.keras", measured: network };
    } finally {
      raw.dispose();
    }
  },
  async h5({ network, info, tree }) {
    const raw = singleViewModel(network, info);
    try {
      // `model.json` is what says how to feed it.
      await saveKerasModel(raw.model, { path: join(tree, "keras"), info });
      const there = ["keras.h5", "keras.json"];
      return { ...ofLayers(raw), files: {}, there, file: "keras.h5", measured: network };
    } finally {
      raw.dispose();
    }
  },
  async savedmodel(source) {
    const files = { "saved_model.pb": savedModelFile(await graphOf(source)) };
    return { ...ofGraph(source), files, file: "saved_model.pb" };
  },
  async onnx(source) {
    const { classes } = source.info;
    const metadata = { fer_model: JSON.stringify(source.info), classes: classes.join(",") };
    const files = { "model.onnx": onnxFile(await graphOf(source), metadata) };
    return { ...ofGraph(source), files, file: "model.onnx" };
  },
};

const ofGraph = ({ network }: Source) => ({
  input: "image",
  output: "probabilities",
  calibrated: true,
  measured: network,
});

const ofLayers = ({ model, isCalibrated }: ReturnType<typeof singleViewModel>) => ({
  input: "image",
  output: model.outputNames[0]!,
  calibrated: isCalibrated,
});

const graphOf = ({ network, info }: Source) =>
  modelGraph({
    model: network,
    inputShape: [info.size, info.size, info.channels],
    before: singleViewOps(info),
    ...(info.temperature === undefined ? {} : { temperature: info.temperature }),
  });

interface Measurement {
  run: Run;
  set: AssembledSet;
  written: Written;
  options: ExportRunOptions;
  onNote: ExportRunValues["onNote"];
  signal: AbortSignal | undefined;
}

/** How right the run is with all its views, and the one that the file sees. */
async function measured({
  run,
  set,
  written,
  options: { part, engine: name },
  onNote,
  signal,
}: Measurement): Promise<NonNullable<ExportedModel["export"]["accuracy"]>> {
  const info = run.model!;
  const own = part === "test" && (await acceptedFingerprint(set)) === run.config.data.fingerprint ? run.metrics : null;
  const { accuracy, count } = own ?? (await run.evaluate(set, { part, signal, onNote }));
  const samples = await evaluationSamples(set, { part, fold: null });
  const { engine } = await selectEngine(name);
  const step = await engine.prepare({ ...PREDICT_ONLY, model: written.measured, input: { scale: 1, offset: 0 } });
  try {
    const view = {
      predict: (images: Uint8Array, rows: number) => step.predict(singleViewInput(images, info), rows),
    };
    const found = argMaxRows(await predictSubset(view, samples), info.classes.length);
    const right = found.filter((label, at) => label === samples.labels[at]).length;
    return {
      set: { name: set.name, fingerprint: set.info.fingerprint },
      part,
      count,
      run: { views: info.views, accuracy },
      file: { views: 1, accuracy: right / samples.count },
    };
  } finally {
    step.dispose();
  }
}
