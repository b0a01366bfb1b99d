import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { describeModelFile, evaluateModel, isModelFile, openModelFile, saveKerasModel } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KNOWN_MODELS } from "../../dist/formats/known-models.js";
import { resizedImages } from "../../dist/formats/resized-images.js";
import { tinySet } from "../tiny-set.ts";

const CLASSES = ["happiness", "Neutral", "angry"];
let folder: string;
let set: AssembledSet;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-model-file-"));
  set = await tinySet(path("set"));
  await tf.setBackend("cpu");
  // Says "happiness" where the image is bright, whatever else it shows.
  const model = tf.sequential({
    layers: [
      tf.layers.globalAveragePooling2d({ inputShape: [8, 8, 1] }),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  model.layers[1]!.setWeights([tf.tensor2d([[4, 0, -4]]), tf.tensor1d([0, 0, 0])]);
  await saveKerasModel(model, { path: path("bright") });
  model.dispose();
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const message = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing was thrown",
    (error: Error) => error.message.replaceAll(folder, "<folder>"),
  );

describe("a model of other people", () => {
  const told = { classes: CLASSES, scale: 1 / 127.5, offset: -1, engine: "cpu" } as const;

  test("does not say what goes in and what comes out: the message says what is missing, and how to say it", async () => {
    expect(await message(openModelFile(path("bright.h5")))).toMatchInlineSnapshot(
      `"<folder>/bright.h5: it does not say classes, scale, offset. Expected --classes neutral,anger,... --scale 0.00784 --offset -1, or a file bright.h5.fer.json beside it with these keys. The model is given pixel * scale + offset, pixels being 0 to 255; classes in the order of its outputs."`,
    );
    expect(await message(openModelFile(path("bright.h5"), { ...told, classes: ["a", "b"] }))).toMatchInlineSnapshot(
      `"<folder>/bright.h5: number of classes 2. Expected 3, as the model has it."`,
    );
    expect(await message(openModelFile(path("bright.h5"), { ...told, size: 48 }))).toMatchInlineSnapshot(
      `"<folder>/bright.h5: size 48. Expected 8, as the model has it."`,
    );
  });

  test("its classes are matched by name, in any spelling and order", async () => {
    const { predictor, model } = await openModelFile(path("bright.h5"), told);
    expect(model.classes).toEqual(["happy", "neutral", "anger"]);
    const { metrics, probabilities } = await evaluateModel({ predictor, index: null }, { set });
    // Softmax of 4 m, 0, -4 m of the mean grey level m, in the order neutral, anger, happy of the set.
    const images = await set.part("test").read([0]);
    const mean = images.reduce((sum, pixel) => sum + pixel / 127.5 - 1, 0) / images.length;
    const [happy, neutral, anger] = [Math.exp(4 * mean), 1, Math.exp(-4 * mean)];
    const sum = happy + neutral + anger;
    for (const [at, expected] of [neutral, anger, happy].entries())
      expect(probabilities[at]).toBeCloseTo(expected / sum, 5);
    expect(metrics).toMatchObject({ weights: "file", classes: ["neutral", "anger", "happy"], count: 16, seen: null });
    predictor.dispose();
  });

  test("<model>.fer.json beside it tells; what is wrong in that is said", async () => {
    await copyFile(path("bright.h5"), path("told.h5"));
    await writeFile(path("told.h5.fer.json"), JSON.stringify({ classes: CLASSES, scale: 1, offset: 0 }));
    const { model, predictor } = await openModelFile(path("told.h5"), { engine: "cpu" });
    expect(model).toMatchObject({ size: 8, channels: 1, scale: 1, offset: 0 });
    predictor.dispose();
    await writeFile(path("told.h5.fer.json"), JSON.stringify({ clases: CLASSES }));
    expect(await message(openModelFile(path("told.h5")))).toMatch(
      /told\.h5\.fer\.json: top: Unrecognized key: "clases"/,
    );
  });

  test("other classes than the set's are refused; more than those are left out with a note", async () => {
    const other = await openModelFile(path("bright.h5"), { ...told, classes: ["happy", "neutral", "sad"] });
    expect(await message(evaluateModel({ predictor: other.predictor, index: null }, { set }))).toMatchInlineSnapshot(
      `"set tiny: the classes anger, which the model does not have. Expected those of the model: happy, neutral, sad. Assemble the set with the model's classes; outputs that are called otherwise are named in <file>.fer.json, by the classes of a peer, or with --classes of fer evaluate."`,
    );
    other.predictor.dispose();
  });

  test("a set of smaller images is refused where its sources may be larger", async () => {
    const small = await tinySet(path("small"), { size: 4, name: "small" });
    const { predictor } = await openModelFile(path("bright.h5"), told);
    expect(await message(evaluateModel({ predictor, index: null }, { set: small }))).toMatchInlineSnapshot(
      `"set small: images of 4 x 4, whose sources may be larger. Expected those of the model, 8 x 8: enlarged ones would hold against it what the set has thrown away. Assemble the set with --size 8."`,
    );
    const large = await tinySet(path("large"), { size: 16, name: "large" });
    const notes: string[] = [];
    const { metrics } = await evaluateModel(
      { predictor, index: null },
      { set: large, onNote: (text) => notes.push(text) },
    );
    expect([metrics.count, notes]).toEqual([16, ["images of large are resized bilinearly from 16 to 8 pixels"]]);
    predictor.dispose();
    small.close();
    large.close();
  });

  test("outputs that are not probabilities are refused, unless they are called logits", async () => {
    const model = tf.sequential({
      layers: [tf.layers.globalAveragePooling2d({ inputShape: [8, 8, 1] }), tf.layers.dense({ units: 3 })],
    });
    await saveKerasModel(model, { path: path("logits") });
    const asked = { ...told, engine: "wasm" } as const;
    const pixels = new Uint8Array(64).fill(90);
    const plain = await openModelFile(path("logits.h5"), asked);
    expect(await message(plain.predictor.predict(pixels))).toMatch(/outputs that sum to .+--output logits/);
    const { predictor } = await openModelFile(path("logits.h5"), { ...asked, output: "logits" });
    const [prediction] = await predictor.predict(pixels);
    expect(Object.values(prediction!.probabilities).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
  });

  test("its layers, shapes and parameters are listed", async () => {
    const { format, input, outputs, parameters, layers } = await describeModelFile(path("bright.h5"));
    expect({ format, input, outputs, parameters }).toEqual({
      format: "Keras model",
      input: { size: 8, channels: 1 },
      outputs: 3,
      parameters: 6,
    });
    expect(layers.at(-1)).toMatchObject({ className: "Dense", output: [null, 3], parameters: 6 });
    expect([await isModelFile(path("bright.h5")), await isModelFile(path("set"))]).toEqual([true, false]);
  });

  test("known files state the sha256 of a file, and everything that a model needs", () => {
    for (const [hash, info] of Object.entries(KNOWN_MODELS)) {
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(info)).toEqual(expect.arrayContaining(["classes", "size", "channels", "scale", "offset"]));
    }
  });
});

test("images are resized as tf.image.resize does it", () => {
  // tensorflow.image.resize([[[0], [100]], [[200], [50]]], (3, 3))
  const found = resizedImages(Uint8Array.of(0, 100, 200, 50), {
    from: { size: 2, channels: 1 },
    to: { size: 3, channels: 1 },
  });
  expect([...found].map((value) => Math.round(value * 1000) / 1000)).toEqual([0, 50, 100, 100, 87.5, 75, 200, 125, 50]);
});
