/** What cannot be compiled is refused when the step is prepared, before a batch is there. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { rebuild } from "../dist/layers/rebuild.js";
import { engines, type StepOptions } from "./engines.ts";
import { batchOf } from "./nets.ts";

const { layers } = tf;

/** A layer that does what `run` does. */
function layerOf(
  className: string,
  run: (x: tf.Tensor) => tf.Tensor,
): new (config: { name: string }) => tf.layers.Layer {
  class Custom extends layers.Layer {
    static className = className;
    override computeOutputShape(shape: tf.Shape): tf.Shape {
      const shapes = tf.tidy(() => run(tf.zeros(shape.map((size) => size ?? 1))).shape);
      return [shape[0]!, ...shapes.slice(1)];
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return run([inputs].flat()[0]!);
    }
  }
  tf.serialization.registerClass(Custom);
  return Custom;
}

const Tangent = layerOf("Tangent", (x) => tf.tan(x));
const TopTwo = layerOf("TopTwo", (x) => tf.topk(x, 2).values);
const Peek = layerOf("Peek", (x) => x.mul(x.dataSync()[0]!));
const Shaken = layerOf("Shaken", (x) => x.add(tf.randomUniform(x.shape)));
const PaddedPool = layerOf("PaddedPool", (x) => tf.maxPool(x as tf.Tensor4D, 3, 1, 1));

const around = (...middle: tf.layers.Layer[]): tf.LayersModel =>
  tf.sequential({
    layers: [
      layers.conv2d({ name: "conv", inputShape: [6, 6, 1], filters: 2, kernelSize: 3 }),
      ...middle,
      layers.flatten({ name: "flat" }),
      layers.dense({ name: "out", units: 3, activation: "softmax" }),
    ],
  });

const options = (model: tf.LayersModel): StepOptions => ({
  model,
  input: { scale: 1 / 255, offset: 0 },
  loss: { labelSmoothing: 0 },
  optimizer: { name: "sgd", momentum: 0.9, nesterov: true, clipNorm: null, weightDecay: 0, ema: null },
  seed: 1,
});

beforeAll(() => tf.setBackend("cpu"));

const find = (name: string) => engines.find((engine) => engine.name === name)!;
const [tensorflow, onnx, wasm] = [find("tensorflow"), find("onnx"), find("wasm")];
const message = (prepare: typeof onnx.prepare, model: tf.LayersModel): Promise<string> =>
  prepare(options(model)).then(
    () => "it was prepared",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe.each([tensorflow, onnx, wasm])("$name", ({ available, prepare }) => {
  describe.skipIf(!available)("as every engine", () => {
    const sequence = (layer: tf.layers.Layer): tf.LayersModel =>
      tf.sequential({ layers: [layer, layers.dense({ name: "out", units: 3, activation: "softmax" })] });
    const inputShape = [4, 2];

    test.each([
      ["LSTM", () => layers.lstm({ name: "odd", units: 2, inputShape, dropout: 0.5 }), "LSTM", "dropout 0.5"],
      [
        "GRU",
        () => layers.gru({ name: "odd", units: 2, inputShape, recurrentDropout: 0.2 }),
        "GRU",
        "recurrent_dropout 0.2",
      ],
      [
        "a wrapped layer",
        () =>
          layers.bidirectional({
            inputShape,
            layer: layers.simpleRNN({ name: "odd", units: 2, dropout: 0.1 }) as never,
            mergeMode: "concat",
          }),
        "SimpleRNN",
        "dropout 0.1",
      ],
      [
        "a cell",
        () => layers.rnn({ inputShape, cell: [layers.lstmCell({ name: "odd", units: 2, dropout: 0.1 })] as never }),
        "LSTMCell",
        "dropout 0.1",
      ],
    ])("refuses the dropout of %s, whose masks no seed repeats", async (_, make, className, value) => {
      const expected = `layer "odd": ${className} draws its masks for ${value} in JavaScript, unseeded.`;
      expect(await message(prepare, sequence(make()))).toContain(expected);
    });

    test("trains a recurrent layer without dropout", async () => {
      expect(await message(prepare, sequence(layers.lstm({ units: 2, inputShape })))).toBe("it was prepared");
    });

    test("refuses an input of open size, saying which axes", async () => {
      const conv = layers.conv2d({ inputShape: [null, null, 1], filters: 2, kernelSize: 3 });
      const model = tf.sequential({
        name: "open",
        layers: [conv, layers.globalAveragePooling2d({}), layers.dense({ units: 3, activation: "softmax" })],
      });
      expect(await message(prepare, model)).toMatchInlineSnapshot(
        `"GraphError: model "open": its input has the shape [batch, ?, ?, 1]. Expected a size for every axis but the batch. Give its first layer an inputShape of numbers, e.g. [48, 48, 1]."`,
      );
    });

    test("refuses images for classes", async () => {
      const conv = layers.conv2d({ inputShape: [5, 5, 1], filters: 2, kernelSize: 3, activation: "softmax" });
      expect(await message(prepare, tf.sequential({ name: "map", layers: [conv] }))).toMatchInlineSnapshot(
        `"GraphError: model "map": its output has the shape [batch, 3, 3, 2]. Expected [batch, classes]. End the model with a flatten or global pooling layer and a dense layer."`,
      );
    });
  });
});

test("an eager step refuses a layer that draws random numbers", async () => {
  const step = await wasm.prepare(options(around(new Shaken({ name: "odd" }))));
  await expect(step.step(batchOf(2, 1, 36), { learningRate: 0.1 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: layer "odd": it draws random numbers in JavaScript, unseeded. Expected a function of inputs, variables and step. Use dropoutMask of @fer/tfjs-graph/ops, or pass the random tensor as an input.]`,
  );
  step.dispose();
});

describe.each([tensorflow, onnx])("$name", ({ available, prepare }) => {
  describe.skipIf(!available)("where it is", () => {
    test("refuses an op that cannot be captured", async () => {
      expect(await message(prepare, around(new TopTwo({ name: "odd" })))).toMatchInlineSnapshot(
        `"GraphError: layer "odd": the op TopK cannot be compiled. Expected ops of the coverage list in the README of @fer/tfjs-graph. The eager engines wasm and cpu can run it."`,
      );
    });

    test("refuses a layer that reads values", async () => {
      expect(await message(prepare, around(new Peek({ name: "odd" })))).toMatchInlineSnapshot(
        `"GraphError: layer "odd": it reads the values of a tensor (dataSync, data, array, print). Expected only tensor ops: while capturing, tensors have shapes but no values. Return the tensor as an output and read it there, or run the function eagerly."`,
      );
    });

    test("refuses a layer without a gradient", async () => {
      expect(await message(prepare, around(layers.thresholdedReLU({ name: "odd", theta: 0.1 })))).toMatchInlineSnapshot(
        `"GraphError: op Greater of layer "odd": tfjs has no gradient for it. Expected ops of the coverage list in the README of @fer/tfjs-graph. No engine can train it."`,
      );
    });

    test("refuses noise that JavaScript draws", async () => {
      expect(await message(prepare, around(layers.gaussianNoise({ name: "odd", stddev: 0.1 })))).toMatchInlineSnapshot(
        `"GraphError: layer "odd": GaussianNoise draws its noise in JavaScript, unseeded. Expected a layer whose output is a function of inputs, weights and step. Use Dropout or SpatialDropout2D, or take the layer out."`,
      );
    });

    test("refuses several outputs", async () => {
      const input = tf.input({ shape: [4], name: "in" });
      const outputs = [1, 2].map((i) => layers.dense({ name: `out${i}`, units: 2 }).apply(input) as tf.SymbolicTensor);
      expect(await message(prepare, tf.model({ name: "two", inputs: input, outputs }))).toMatchInlineSnapshot(
        `"GraphError: model "two": it has 1 inputs and 2 outputs. Expected one of each. Train a model of its own, or give compile() a function of tensors."`,
      );
    });

    test("leaves no variable behind when it refuses", async () => {
      const model = around(new TopTwo({ name: "odd" }));
      const variables = (): string[] => Object.keys(tf.engine().registeredVariables);
      const before = variables();
      await message(prepare, model);
      expect(variables()).toEqual(before);
    });
  });
});

test("onnx refuses an op that it has no rule for", async () => {
  await expect(onnx.prepare(options(around(new Tangent({ name: "odd" }))))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: layer "odd": onnxruntime has no rule for the op Tan. Expected ops of the coverage list in the README of @fer/tfjs-graph. The eager engines wasm and cpu can run it.]`,
  );
});

test.skipIf(!tensorflow.available)(
  "tensorflow refuses a max pool with pads of its own, which onnx can train",
  async () => {
    const model = around(new PaddedPool({ name: "odd" }));
    await expect(tensorflow.prepare(options(model))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: layer "odd": TensorFlow pads a MaxPool "same" or "valid" only. Expected ops of the coverage list in the README of @fer/tfjs-graph. The eager engines wasm and cpu can run it.]`,
    );
    const step = await onnx.prepare(options(model));
    expect((await step.step(batchOf(2, 1, 36), { learningRate: 0.1 })).loss).toBeGreaterThan(0);
    step.dispose();
  },
);

test("a separable convolution keeps its depth multiplier, also in a model within the model", async () => {
  const inner = tf.sequential({
    name: "inner",
    layers: [
      layers.separableConv2d({ name: "sep", inputShape: [4, 4, 2], filters: 3, kernelSize: 2, depthMultiplier: 2 }),
    ],
  });
  const model = around(inner);
  const copy = await rebuild(model);
  const x = tf.randomUniform([2, 6, 6, 1], 0, 1, "float32", 3);
  const found = tf.softmax(copy.model.apply(x) as tf.Tensor).dataSync();
  (model.predict(x) as tf.Tensor).dataSync().forEach((p, i) => expect(Math.abs(p - found[i]!)).toBeLessThan(1e-6));
  copy.dispose();
});

test("the activation gelu_new is read back as it was", async () => {
  const model = around(layers.activation({ name: "act", activation: "gelu_new" as never }));
  const copy = await rebuild(model);
  expect(copy.model.getLayer("act").getConfig().activation).toBe("gelu_new");
  copy.dispose();
});
