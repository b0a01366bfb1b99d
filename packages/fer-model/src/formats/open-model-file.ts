/**
 * Files of other people's models, opened to evaluate and to predict: Keras 1, 2 and 3, layers and graph models of
 * TensorFlow.js, ONNX.
 */
import { expressionNamed, FormatError } from "@fer/core";
import type { ModelInfo } from "@fer/core/run";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { EngineName } from "../engine/engine.js";
import { selectForPrediction } from "../engine/select-for-prediction.js";
import { wasm } from "../engine/wasm.js";
import { isFile } from "../is-file.js";
import { loadKerasModel } from "../keras/load-keras-model.js";
import { FacePredictor } from "../predict/face-predictor.js";
import { PREDICT_ONLY, type Predictor } from "../predict/predict.js";
import { checkedStep } from "./checked-step.js";
import { loadTfjsGraph, loadTfjsLayers, readTfjsJson, tfjsKind, type TfjsModelJson } from "./load-tfjs.js";
import {
  completeInfo,
  exportIn,
  type KnownInfo,
  knownInfo,
  type ModelFileInfo,
  modelInfoOf,
} from "./model-file-info.js";
import type { Network, Scaling } from "./network.js";
import { openOnnx } from "./open-onnx.js";
import { softmaxLayer } from "./softmax-layer.js";

/** A file that is open. */
export interface OpenedModelFile {
  path: string;
  /** `.keras`, ... in words. */
  format: string;
  model: ModelInfo;
  /** What it was trained on, in words, where that is known. */
  trainedOn: string | null;
  predictor: FacePredictor;
}

export interface OpenModelFileOptions extends ModelFileInfo {
  engine?: EngineName | "auto" | undefined;
}

/**
 * Opens a file of a model, or a folder that `fer export` wrote.
 *
 * @throws OptionsError where it is not known what goes in and what comes out, with the flags that say it; FormatError
 * where the file is damaged or of another kind.
 * @example
 * ```ts
 * import { architectures, openModelFile, saveKerasModel } from "@fer/model";
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "fer-")), "tiny");
 * await saveKerasModel(architectures.tiny.build(), { path });
 * const classes = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
 * const { predictor } = await openModelFile(`${path}.h5`, { classes, scale: 1 / 127.5, offset: -1 });
 * console.log((await predictor.predict(new Uint8Array(48 * 48)))[0]?.doubt); // blank
 * predictor.dispose();
 * ```
 */
export async function openModelFile(
  path: string,
  { engine, ...given }: OpenModelFileOptions = {},
): Promise<OpenedModelFile> {
  const file = await fileAt(path);
  const network = await networkOf(file, engine);
  try {
    const known = await knownInfo(file);
    const info = completeInfo(path, { given: defined(given), known: known.info, shape: network.shape });
    const model = modelInfoOf(info, network.parameters);
    const { step, dispose } = await network.prepare(info);
    const checked = checkedStep(step, {
      path,
      classes: info.classes.length,
      isLogits: info.output === "logits",
      fix: "If they are logits, say so: --output logits",
    });
    const predictor = new FacePredictor({ model, fit: "stretch", step: checked, dispose });
    return { path, format: network.format, model, trainedOn: info.trainedOn ?? null, predictor };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Whether something at a path is a file of a model, or a folder that holds one, and not an artifact of ours. */
export async function isModelFile(path: string): Promise<boolean> {
  return (await fileAt(path).catch(() => null)) !== null;
}

const defined = (given: ModelFileInfo): ModelFileInfo =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

async function fileAt(path: string): Promise<string> {
  if (await isFile(path)) return path;
  const [model, exported] = [join(path, "model.json"), await exportIn(path)];
  const file = exported === null ? model : join(path, basename(exported.export.file));
  if (await isFile(file)) return file;
  throw new FormatError({
    code: "NO_MODEL_FILE",
    subject: path,
    found: (await stat(path).catch(() => null)) === null ? "no such file" : "a folder without a model",
    expected: "a model: .h5, .hdf5, .keras, .json with .h5 beside it, model.json of TensorFlow.js, .onnx; or a run",
  });
}

async function networkOf(file: string, engine: EngineName | "auto" | undefined): Promise<Network> {
  if (file.endsWith(".onnx")) return openOnnx(file);
  if (file.endsWith(".pb")) {
    throw new FormatError({
      code: "UNSUPPORTED_MODEL",
      subject: file,
      found: "a SavedModel of TensorFlow",
      expected: ".h5, .keras, .onnx, or model.json of TensorFlow.js",
      fix: "Save it as .keras, or convert it with tensorflowjs_converter",
    });
  }
  const json = file.endsWith(".json") ? await readTfjsJson(file) : null;
  if (json !== null && tfjsKind(json) === "graph-model") return ofGraph(file, json);
  const isKeras = json === null;
  const model = isKeras ? await loadKerasModel(file) : await loadTfjsLayers(json, { path: file });
  return ofLayers(model, { format: isKeras ? KERAS : TFJS, engine });
}

const KERAS = "Keras model";
const TFJS = "TensorFlow.js layers model";

/**
 * A file of layers, which can be trained further, and the names of its outputs where they are known.
 *
 * @throws FormatError where it is damaged, or a graph without layers.
 */
export async function loadLayersFile(
  path: string,
): Promise<{ network: LayersModel; classes: readonly string[] | null }> {
  const file = await fileAt(path).catch(() => null);
  // Keras files are named without their ending, too.
  if (file === null) return { network: await loadKerasModel(path), classes: null };
  const json = file.endsWith(".json") ? await readTfjsJson(file) : null;
  if (file.endsWith(".onnx") || file.endsWith(".pb") || (json !== null && tfjsKind(json) === "graph-model")) {
    throw new FormatError({
      code: "NO_LAYERS",
      subject: path,
      found: "a graph, which has no layers to train",
      expected: "a Keras file, or a layers model of TensorFlow.js",
    });
  }
  const { info } = await knownInfo(file);
  const network = json === null ? await loadKerasModel(file) : await loadTfjsLayers(json, { path: file });
  return { network, classes: info.classes?.map((name) => expressionNamed(name) ?? name) ?? null };
}

/** What a file holds. */
export interface ModelFileDescription {
  path: string;
  format: string;
  /** Of an image, `null` where any size goes: height, width, channels. */
  input: { size: number | null; channels: number | null };
  outputs: number | null;
  /** `null` where they are not known. */
  parameters: number | null;
  /** Of models of layers. */
  layers: { name: string; className: string; output: (number | null)[]; parameters: number }[];
  /** What is known of its images and classes, and from where. */
  known: KnownInfo;
}

/** Describes a file. @throws FormatError as {@link openModelFile}. */
export async function describeModelFile(path: string): Promise<ModelFileDescription> {
  const file = await fileAt(path);
  const network = await networkOf(file, "auto");
  try {
    const { size, channels, classes } = network.shape;
    return {
      path,
      format: network.format,
      input: { size, channels },
      outputs: classes,
      parameters: network.parameters,
      layers: (network.layers ?? []).map((layer) => ({
        name: layer.name,
        className: layer.getClassName(),
        output: [layer.outputShape].flat(2) as (number | null)[],
        parameters: layer.countParams(),
      })),
      known: await knownInfo(file),
    };
  } finally {
    network.dispose();
  }
}

/** A layers model: compiled where its engine can, else op by op. */
function ofLayers(
  model: LayersModel,
  { format, engine: name }: { format: string; engine: EngineName | "auto" | undefined },
): Network {
  const [, height, , channels] = (model.inputs[0]!.shape ?? []) as (number | null)[];
  return {
    format,
    shape: { size: height ?? null, channels: channels ?? null, classes: model.outputs[0]!.shape.at(-1) ?? null },
    parameters: model.countParams(),
    layers: model.layers,
    async prepare({ scale, offset, size, channels: depth }) {
      const { engine } = await selectForPrediction(name);
      try {
        // A compiled step ends in a softmax, whether the model does or not.
        if (softmaxLayer(model) === null) throw new Error("no softmax");
        const step = await engine.prepare({ ...PREDICT_ONLY, frozen: true, model, input: { scale, offset } });
        model.dispose();
        return { step, dispose: () => step.dispose() };
      } catch {
        // What cannot be compiled, since it cannot be trained (a norm without a scale, which tfjs has no gradient for) predicts all the same.
      }
      const predict = (x: Tensor): Tensor => model.predict(x) as Tensor;
      return { step: await eager(predict, { scale, offset, size, channels: depth }), dispose: () => model.dispose() };
    },
    dispose: () => model.dispose(),
  };
}

async function ofGraph(file: string, json: TfjsModelJson): Promise<Network> {
  const model = await loadTfjsGraph(json, { path: file });
  const [input] = model.inputs;
  const [, height, , channels] = input?.shape ?? [];
  const positive = (size: number | undefined): number | null => (size !== undefined && size > 0 ? size : null);
  return {
    format: "TensorFlow.js graph model",
    shape: { size: positive(height), channels: positive(channels), classes: positive(model.outputs[0]?.shape?.at(-1)) },
    parameters: (json.weightsManifest ?? [])
      .flatMap(({ weights }) => weights)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),
    async prepare(scaling) {
      return { step: await eager((x) => model.predict(x) as Tensor, scaling), dispose: () => model.dispose() };
    },
    dispose: () => model.dispose(),
  };
}

/** Runs op by op, on wasm where that loads. */
async function eager(predict: (x: Tensor) => Tensor, { scale, offset, size, channels }: Scaling): Promise<Predictor> {
  const { available } = await wasm.probe();
  const backend = available ? "wasm" : "cpu";
  return {
    async predict(images, count) {
      const before = tf.getBackend();
      await tf.setBackend(backend);
      try {
        const scaled = Float32Array.from(images, (pixel) => pixel * scale + offset);
        return tf.tidy(() => predict(tf.tensor(scaled, [count, size, size, channels])).dataSync() as Float32Array);
      } finally {
        if (before !== undefined) await tf.setBackend(before);
      }
    },
  };
}
