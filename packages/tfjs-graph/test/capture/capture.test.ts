/** Captured graphs as text, and everything that capture refuses. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { capture, GraphError, print } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { rebuild } from "../../dist/layers/rebuild.js";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => tf.setBackend("cpu"));

const x = [{ name: "x", shape: [2, 3] }];

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GraphError) return error.message;
    throw error;
  }
  return "nothing was refused";
}

describe("capture", () => {
  test("keeps what a function does, its gradient included", () => {
    const graph = capture((x) => tf.grad((t: tf.Tensor) => t.square().sum())(x), x);
    expect(print(graph)).toMatchInlineSnapshot(`
      "input x %0: float32[2,3]
      constant %5: float32[] = 1
      constant %7: float32[2,3]
      constant %10: float32[] = 2
      %6: float32[1,1] = Reshape(x=%5) {shape=[1,1]}
      %8: float32[2,3] = Multiply(a=%6, b=%7)
      %11: float32[2,3] = Multiply(a=%0, b=%10)
      %12: float32[2,3] = Multiply(a=%8, b=%11)
      output 0 %12: float32[2,3]"
    `);
  });

  test("drops products with 1, on either side and in gradients, but none that makes a shape or another number", () => {
    const graph = capture((x) => {
      const swish = (t: tf.Tensor): tf.Tensor => tf.sigmoid(t.mul(1)).mul(t);
      return [swish(x), tf.grad((t: tf.Tensor) => swish(t).sum())(x), tf.scalar(1).mul(x), x.mul(tf.scalar(2))];
    }, x);
    const ops = graph.nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === "Sigmoid").length).toBe(1);
    const ones = new Set(graph.constants.filter(({ data }) => data.length === 1 && data[0] === 1).map((c) => c.value));
    const products = graph.nodes.filter(({ op }) => op === "Multiply");
    expect(
      products.filter(
        ({ inputs, outputs }) =>
          Object.values(inputs).some((value) => ones.has(value)) && outputs[0]!.shape.join() === "2,3",
      ).length,
    ).toBe(0);
    // what is multiplied by 1 is what was there
    expect(graph.outputs[2]!.value).toBe(graph.inputs[0]!.value);
    expect(graph.outputs[3]!.value).not.toBe(graph.inputs[0]!.value);
    const grown = capture(() => tf.ones([1]).mul(tf.scalar(1)), []);
    expect(grown.outputs[0]!.value.shape).toEqual([1]);
  });

  test("lists what is assigned beside the variable, which keeps its value", () => {
    const w = tf.variable(tf.ones([3]), true, "w_of_capture");
    const graph = capture((x) => {
      w.assign(w.add(x.sum(0)));
      return w.sum();
    }, x);
    expect(print(graph)).toMatchInlineSnapshot(`
      "input x %0: float32[2,3]
      variable w_of_capture %2: float32[3] -> %3
      %1: float32[3] = Sum(x=%0) {axes=[0], keepDims=false}
      %3: float32[3] = Add(a=%2, b=%1)
      %4: float32[] = Sum(x=%3) {axes=[0], keepDims=false}
      output 0 %4: float32[]"
    `);
    expect(Array.from(w.dataSync())).toEqual([1, 1, 1]);
    w.dispose();
  });

  test("drops what nothing reads, merges what is the same, and takes tensors from outside as constants", () => {
    const outside = tf.tensor1d([1, 2, 3]);
    const graph = capture((x) => {
      x.exp();
      return x.mul(outside).add(x.mul(outside));
    }, x);
    expect(graph.nodes.map(({ op }) => op).sort()).toEqual(["Add", "Multiply"]);
    expect(Array.from(graph.constants[0]!.data)).toEqual([1, 2, 3]);
    outside.dispose();
  });

  test("leaves no tensor behind and sets the backend back, also when it fails", () => {
    const before = tf.memory().numTensors;
    capture((x) => x.square(), x);
    refusal(() => capture((x) => tf.tensor(x.dataSync()), x));
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe("cpu");
  });

  test("refuses to read values", () => {
    expect(refusal(() => capture((x) => tf.scalar(x.sum().dataSync()[0]!), x))).toMatchInlineSnapshot(
      `"captured function: it reads the values of a tensor (dataSync, data, array, print). Expected only tensor ops: while capturing, tensors have shapes but no values. Return the tensor as an output and read it there, or run the function eagerly."`,
    );
  });

  test("refuses unseeded random numbers", () => {
    expect(refusal(() => capture((x) => x.add(tf.randomUniform([3])), x))).toMatchInlineSnapshot(
      `"captured function: it draws random numbers in JavaScript, unseeded. Expected a function of inputs, variables and step. Use dropoutMask of @fer/tfjs-graph/ops, or pass the random tensor as an input."`,
    );
  });

  test("leaves tfjs as it was in a process that has chosen no backend yet", () => {
    const script = fileURLToPath(new URL("../fixtures/capture-first.mjs", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "2 1,4\n", stderr: "" });
  });

  test("refuses an op that cannot be compiled, and names the engine that can run it", () => {
    expect(refusal(() => capture((x) => tf.topk(x, 2).values, x))).toMatchInlineSnapshot(
      `"op TopK: the op TopK cannot be compiled. Expected ops of the coverage list in the README of @fer/tfjs-graph. The eager engines wasm and cpu can run it."`,
    );
  });

  test("refuses a gradient that tfjs does not have", () => {
    const image = [{ name: "x", shape: [1, 2, 2, 4] }];
    const slope = tf.grad((t: tf.Tensor) => tf.depthToSpace(t as tf.Tensor4D, 2).sum());
    expect(refusal(() => capture((x) => slope(x), image))).toMatchInlineSnapshot(
      `"op DepthToSpace: tfjs has no gradient for it. Expected ops of the coverage list in the README of @fer/tfjs-graph. No engine can train it."`,
    );
  });
});

describe("rebuild", () => {
  const { layers } = tf;
  const failure = async (model: tf.LayersModel): Promise<string> =>
    rebuild(model).then(
      () => "nothing was refused",
      (error: GraphError) => error.message,
    );

  test("copies weights under the names of their layers and takes the softmax off", async () => {
    const model = tf.sequential({
      layers: [layers.dense({ name: "head", inputShape: [2], units: 3, activation: "softmax" })],
    });
    const copy = await rebuild(model);
    expect(copy.weights.map(({ name }) => name)).toEqual(["head/kernel", "head/bias"]);
    expect(copy.weights[0]!.holder.read().arraySync()).toEqual(model.getWeights()[0]!.arraySync());
    const logits = copy.model.predict(tf.ones([1, 2])) as tf.Tensor;
    const expected = (model.predict(tf.ones([1, 2])) as tf.Tensor).dataSync();
    tf.softmax(logits)
      .dataSync()
      .forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-6));
    copy.dispose();
  });

  test("keeps the layers of tfjs for everyone else", async () => {
    const model = tf.sequential({
      layers: [layers.batchNormalization({ inputShape: [2] }), layers.dense({ units: 2, activation: "softmax" })],
    });
    await rebuild(model);
    const again = await tf.models.modelFromJSON({ modelTopology: model.toJSON(null, false) } as never);
    expect(again.layers[0]!.constructor).toBe(model.layers[0]!.constructor);
  });

  test("refuses layers whose noise is made in JavaScript", async () => {
    const model = tf.sequential({
      layers: [layers.gaussianNoise({ name: "noise", stddev: 1, inputShape: [2] }), layers.dense({ units: 2 })],
    });
    expect(await failure(model)).toMatchInlineSnapshot(
      `"layer "noise": GaussianNoise draws its noise in JavaScript, unseeded. Expected a layer whose output is a function of inputs, weights and step. Use Dropout or SpatialDropout2D, or take the layer out."`,
    );
  });

  test("refuses outputs that are no classes", async () => {
    const model = tf.sequential({
      layers: [layers.dense({ name: "last", units: 2, inputShape: [2], activation: "relu" })],
    });
    expect(await failure(model)).toMatchInlineSnapshot(
      `"layer "last": the model ends with the activation "relu". Expected softmax, or logits (linear), which the softmax cross-entropy is defined for. End the model with softmax."`,
    );
    const sequence = tf.sequential({ layers: [layers.conv1d({ filters: 2, kernelSize: 1, inputShape: [4, 2] })] });
    expect(await failure(sequence)).toMatch(/its output has the shape \[batch, 4, 2\]\. Expected \[batch, classes\]/);
  });

  test("refuses several inputs", async () => {
    const [a, b] = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
    const outputs = layers.dense({ units: 2 }).apply(layers.add().apply([a, b])) as tf.SymbolicTensor;
    expect(await failure(tf.model({ inputs: [a, b], outputs }))).toMatch(
      /it has 2 inputs and 1 outputs\. Expected one of each/,
    );
  });
});
