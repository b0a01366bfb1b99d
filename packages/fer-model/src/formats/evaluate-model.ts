/** Other people's models, measured on a set by the protocol that runs are measured by. */
import { expressionNamed, OptionsError } from "@fer/core";
import { argMaxRows, labelLoss } from "@fer/core/inference";
import type { Metrics, ModelInfo, SeenIndex } from "@fer/core/run";
import { type AssembledSet, type Part, verifySet } from "@fer/core/set";
import { evaluationSamples } from "../data/samples.js";
import type { FacePredictor } from "../predict/face-predictor.js";
import { metricsOf } from "../predict/metrics-of.js";
import { predictSubset, type RawPredictor } from "../predict/predict.js";
import { factsOf } from "../predict/sample-facts.js";
import { seenOf } from "../predict/seen-of.js";
import { resizedImages } from "./resized-images.js";

/** A model to be measured. */
export interface MeasuredModel {
  predictor: FacePredictor;
  /** What it has seen; `null` where that is not known. */
  index: SeenIndex | null;
}

export interface EvaluateModelOptions {
  part?: Part;
  signal?: AbortSignal | undefined;
  /** Told what was done to images and classes. */
  onNote?: ((text: string) => void) | undefined;
}

/** What a model says of a part, in the order of the set: class names are matched, images are resized. */
export interface PredictedPart {
  truth: Uint8Array;
  predicted: Int32Array;
  /** `[count, classes]`. */
  probabilities: Float32Array;
  metrics: Metrics;
}

/**
 * Measures a model on a part of a set. Its classes are matched by name (`angry` is `anger`); images of another size are
 * resized bilinearly where that loses nothing that the model could have had.
 *
 * @throws OptionsError where the set has other classes, or its images would have to be enlarged although their sources
 * may be larger; FormatError where the set is not as it was written.
 */
export async function evaluateModel(
  { predictor, index }: MeasuredModel,
  { set, part = "test", signal, onNote }: EvaluateModelOptions & { set: AssembledSet },
): Promise<PredictedPart> {
  const { model } = predictor;
  const columns = columnsOf(model, { set, onNote });
  const step = stepFor(predictor, { set, onNote, signal });
  const samples = await evaluationSamples(set, { part, fold: null });
  await verifySet(set, { parts: [part], ...(signal === undefined ? {} : { signal }) });
  const { classes } = model;
  const rows = { classes, count: samples.count, read: (positions: Uint32Array) => samples.read(positions) };
  const own = await predictSubset(step, rows);
  const probabilities = inOrder(own, { columns, of: classes.length });
  const predicted = argMaxRows(probabilities, columns.length);
  const truth = samples.labels;
  const described = await samples.orderedRows();
  const facts = await factsOf(samples, { rows: described, index, signal });
  const metrics: Metrics = {
    ...(await metricsOf(
      { truth, predicted, probabilities, majority: null, ridge: null },
      { set, part, weights: "file", loss: labelLoss(probabilities, truth), facts, signal },
    )),
    seen: seenOf(described, index),
  };
  return { truth, predicted, probabilities, metrics };
}

/** Which output of the model is which class of the set. */
function columnsOf(
  model: ModelInfo,
  { set, onNote }: Pick<EvaluateModelOptions, "onNote"> & { set: AssembledSet },
): number[] {
  const canonical = (name: string): string => expressionNamed(name) ?? name;
  const own = model.classes.map(canonical);
  const wanted = set.info.classes.map(canonical);
  const missing = wanted.filter((name) => !own.includes(name));
  if (missing.length > 0) {
    throw new OptionsError({
      code: "DIFFERENT_CLASSES",
      subject: `set ${set.name}`,
      found: `the classes ${missing.join(", ")}, which the model does not have`,
      expected: `those of the model: ${own.join(", ")}`,
      fix: "Assemble the set with the model's classes; outputs that are called otherwise are named in <file>.fer.json, by the classes of a peer, or with --classes of fer evaluate",
    });
  }
  const left = own.filter((name) => !wanted.includes(name));
  if (left.length > 0)
    onNote?.(`${left.join(", ")} left out, which the set does not have: the others are scaled to a sum of 1`);
  return wanted.map((name) => own.indexOf(name));
}

/** The columns of the set's classes, rows scaled to a sum of 1 where others are left out. */
function inOrder(rows: Float32Array, { columns, of }: { columns: readonly number[]; of: number }): Float32Array {
  const out = new Float32Array((rows.length / of) * columns.length);
  for (let row = 0; row * of < rows.length; row++) {
    const values = columns.map((column) => rows[row * of + column]!);
    const sum = columns.length === of ? 1 : values.reduce((total, value) => total + value, 0);
    out.set(sum > 0 ? values.map((value) => value / sum) : values.map(() => 1 / columns.length), row * columns.length);
  }
  return out;
}

/** Edges of the pictures that datasets consist of, by the space that their people or photos are known in. */
const NATIVE_EDGES: Readonly<Record<string, number>> = { fer2013: 48 };

/** What takes images of the set. */
function stepFor(
  predictor: FacePredictor,
  { set, onNote, signal }: EvaluateModelOptions & { set: AssembledSet },
): RawPredictor {
  const { size, channels, views, standardize } = predictor.model;
  const { image, sources } = set.info;
  const refused = (found: string, { expected, fix }: { expected: string; fix: string }): OptionsError =>
    new OptionsError({ code: "DIFFERENT_IMAGES", subject: `set ${set.name}`, found, expected, fix });
  if (image.channels > channels) {
    const expected = "grey images, which the model takes";
    throw refused("images in colour", { expected, fix: "Assemble the set with one channel" });
  }
  if (image.size === size && image.channels === channels) return predictor.views(signal);
  const isWhole = sources.length > 0 && sources.every(({ groupSpace }) => NATIVE_EDGES[groupSpace] === image.size);
  const fix = `Assemble the set with --size ${size}`;
  if (views !== 1 || standardize) {
    const expected = `those that the run was trained on: ${size} x ${size} x ${channels}`;
    throw refused(`images of ${image.size} x ${image.size} x ${image.channels}`, { expected, fix });
  }
  if (size > image.size && !isWhole) {
    throw refused(`images of ${image.size} x ${image.size}, whose sources may be larger`, {
      expected: `those of the model, ${size} x ${size}: enlarged ones would hold against it what the set has thrown away`,
      fix,
    });
  }
  const notes = [
    ...(size === image.size ? [] : [`resized bilinearly from ${image.size} to ${size} pixels`]),
    ...(channels === image.channels ? [] : ["grey in all three channels"]),
  ];
  onNote?.(`images of ${set.name} are ${notes.join(", ")}`);
  const forms = { from: { size: image.size, channels: image.channels }, to: { size, channels } };
  return { predict: (images, count) => predictor.step.predict(resizedImages(images, forms), count) };
}
