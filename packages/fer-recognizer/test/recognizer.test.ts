/** Faces and their expressions, with a detector and a model of the caller's own. */
import type { Prediction } from "@fer/core/inference";
import { type ExpressionModel, type Face, type FaceDetector, openPackagedModel, Recognizer } from "@fer/recognizer";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";

const model = {
  schema: 1 as const,
  architecture: "custom",
  size: 8,
  channels: 1 as const,
  scale: 1 / 255,
  offset: 0,
  standardize: false,
  views: 2 as const,
  classes: ["dark", "bright"],
  parameters: 2,
};
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A network whose second class is as likely as pixels are bright. */
function files(more: object = {}): Record<string, Uint8Array> {
  const layers = [
    {
      class_name: "GlobalAveragePooling2D",
      config: { name: "mean", batch_input_shape: [null, 8, 8, 1], dtype: "float32" },
    },
    { class_name: "Dense", config: { name: "dense", units: 2, activation: "softmax" } },
  ];
  const modelTopology = { keras_version: "tfjs", class_name: "Sequential", config: { name: "net", layers } };
  const weights = [
    { name: "dense/kernel", shape: [1, 2], dtype: "float32" },
    { name: "dense/bias", shape: [2], dtype: "float32" },
  ];
  return {
    "model.json": bytes({ ...model, export: { network: "network.json" }, ...more }),
    "network.json": bytes({ modelTopology, weightsManifest: [{ paths: ["network.bin"], weights }] }),
    "network.bin": new Uint8Array(Float32Array.of(0, 8, 0, -4).buffer),
  };
}
const open = (from: Record<string, Uint8Array>, views?: 1 | 10): Promise<ExpressionModel> =>
  openPackagedModel(async (name) => from[name] ?? Promise.reject(new Error(`no ${name}`)), { views });

const places: Face[] = [
  { box: { x: 10, y: 10, width: 20, height: 20 }, score: 0.9, eyes: null },
  {
    box: { x: 60, y: 10, width: 20, height: 20 },
    score: 0.8,
    eyes: [
      [65, 18],
      [74, 18],
    ],
  },
];
const detector: FaceDetector = { name: "own", detect: async () => places };
const picture = {
  width: 100,
  height: 40,
  channels: 1 as const,
  data: Uint8Array.from({ length: 4000 }, (_, i) => (i % 100 < 50 ? 20 : 240)),
};

test("every face has a box and an expression, of a model from its files alone", async () => {
  await tf.ready();
  const named = await open(files());
  const before = tf.memory().numTensors;
  const recognizer = new Recognizer({ detector, model: named });
  const faces = await recognizer.recognize(picture);
  expect(faces.map(({ box, expression }) => [box.x, expression])).toEqual([
    [10, "dark"],
    [60, "bright"],
  ]);
  const bright = Math.fround(240 / 255);
  const raw = 1 / (1 + Math.exp(-(8 * bright - 4)));
  expect(faces[1]!.confidence).toBeCloseTo(raw, 5);
  expect(tf.memory().numTensors).toBe(before);
  const soft = await open(files({ temperature: 2 }));
  const [, second] = await new Recognizer({ detector, model: soft }).recognize(picture);
  expect(second!.confidence).toBeCloseTo(1 / (1 + Math.sqrt((1 - raw) / raw)), 5);
  soft.dispose();
  named.dispose();
  // Grey levels of one picture are equal, so that its views are; 130 of them go through the network in three turns.
  const often = await open(files(), 10);
  expect(often.model.views).toBe(10);
  const many = Uint8Array.from({ length: 13 * 64 }, (_, i) => 10 * Math.floor(i / 64));
  for (const [at, { probabilities }] of (await often.predict(many)).entries())
    expect(probabilities["bright"]).toBeCloseTo(1 / (1 + Math.exp(4 - (8 * 10 * at) / 255)), 5);
  often.dispose();
});

test("faces are cut as those of the training were, where the model says how", async () => {
  const seen: Uint8Array[] = [];
  const own: ExpressionModel = {
    model: {
      ...model,
      preprocessing: [
        { step: "cut", detector: "blazeface", side: 16, eyeDistance: 0.5, eyeHeight: 0.25 },
        { step: "resize", width: 8, height: 8, channels: 1, fit: "stretch" },
      ],
    },
    predict: async (pixels) => {
      seen.push(pixels);
      return Array.from({ length: pixels.length / 64 }, (): Prediction => ({
        expression: "dark",
        confidence: 1,
        probabilities: { dark: 1, bright: 0 },
        doubt: null,
      }));
    },
    dispose() {},
  };
  const recognizer = new Recognizer({ detector, model: own });
  expect(recognizer.cut(picture, places[0]!).width).toBe(16);
  await recognizer.recognize(picture);
  expect(seen[0]).toHaveLength(128);
  expect(
    await new Recognizer({ detector: { name: "none", detect: async () => [] }, model: own }).recognize(picture),
  ).toEqual([]);
  expect(await recognizer.expressions([picture])).toHaveLength(1);
});

test("files that are not a model are refused by name", async () => {
  await expect(open({ ...files(), "model.json": Uint8Array.of(1) })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[FormatError: model.json: it is not JSON. Expected a model as fer export --as tfjs writes it.]`,
  );
  await expect(open({ ...files(), "model.json": bytes({ schema: 1 }) })).rejects.toThrow(/^model.json: /);
  await expect(open({ ...files(), "network.json": bytes({}) })).rejects.toThrow(/^network.json: /);
  await expect(open({ ...files(), "network.bin": new Uint8Array(4) })).rejects.toThrow(
    /^network\.json: it does not open \(.*\)\. Expected a model as fer export --as tfjs writes it\.$/,
  );
});
