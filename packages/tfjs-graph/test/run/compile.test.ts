/** Any function as a graph: the same numbers as eager tfjs, step after step. */
import { compile, compileTrainStep, type CompileOptions } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFlow } from "../engines.ts";
import { batchOf, smallNet, withSeededWeights } from "../nets.ts";

beforeAll(() => tf.setBackend("cpu"));

const engines: { engine: CompileOptions["engine"]; available: boolean }[] = [
  { engine: "tensorflow", available: tensorFlow !== null },
  { engine: "onnx", available: true },
];

describe.each(engines)("on $engine", ({ engine, available }) => {
  describe.skipIf(!available)("where it is", () => {
    const y = tf.tensor2d([[1], [0], [2]]);
    const x = tf.tensor2d([
      [1, 2],
      [0, 1],
      [3, -1],
    ]);
    const loss = (x: tf.Tensor2D, w: tf.Tensor): tf.Scalar =>
      tf.losses.meanSquaredError(y, tf.matMul(x, w as tf.Tensor2D));

    test("compile trains a variable with an optimizer of tfjs as eager does", async () => {
      const [a, b] = [tf.variable(tf.ones([2, 1])), tf.variable(tf.ones([2, 1]))];
      const [eager, compiled] = [tf.train.momentum(0.05, 0.9), tf.train.momentum(0.05, 0.9)];
      const expected: number[] = [];
      for (let i = 0; i < 5; i++) expected.push(eager.minimize(() => loss(x, a), true)!.dataSync()[0]!);
      // The first step makes the optimizer's variables.
      const found = [compiled.minimize(() => loss(x, b), true)!.dataSync()[0]!];
      const step = compile((x: tf.Tensor2D) => compiled.minimize(() => loss(x, b), true) as tf.Scalar, { engine });
      for (let i = 1; i < 5; i++) found.push((await step(x)).dataSync()[0]!);
      found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
      await step.sync();
      b.dataSync().forEach((value, i) => expect(Math.abs(value - a.dataSync()[i]!)).toBeLessThan(1e-5));
      expect(step.traces()).toBe(1);
      await step.dispose();
    });

    test("compile traces once for each input shape, over the same variables", async () => {
      const total = tf.variable(tf.scalar(0));
      const add = compile(
        (x: tf.Tensor) => {
          total.assign(total.add(x.sum()));
          return { total: total.mul(1), shape: x.neg() };
        },
        { engine },
      );
      const sums: number[] = [];
      for (const size of [2, 3, 2, 4]) sums.push((await add(tf.ones([size]))).total.dataSync()[0]!);
      expect(sums).toEqual([2, 5, 7, 11]);
      expect(add.traces()).toBe(3);
      await add.sync();
      expect(total.dataSync()[0]).toBe(11);
      await add.dispose();
    });

    test("compile gives lists and single tensors back as they were", async () => {
      const split = compile((x: tf.Tensor) => [x.neg(), x.square()], { engine });
      const [negative, square] = await split(tf.tensor1d([1, 2]));
      expect(Array.from(negative!.dataSync())).toEqual([-1, -2]);
      expect(Array.from(square!.dataSync())).toEqual([1, 4]);
      expect(Object.keys(split.opCounts())).toContain(engine === "onnx" ? "Neg" : "Square");
      await split.dispose();
      await split.dispose();
      await expect(split(tf.tensor1d([1, 2]))).rejects.toThrow("prepared step: it was disposed. Prepare a new one.");
    });

    test("a function that fails to compile can be called again", async () => {
      const read = compile((x: tf.Tensor) => tf.topk(x, 1).values, { engine });
      await expect(read(tf.ones([2]))).rejects.toThrow("the op TopK cannot be compiled");
      await expect(read(tf.ones([2]))).rejects.toThrow("the op TopK cannot be compiled");
      await read.dispose();
    });

    test("compileTrainStep needs only a model and an engine", async () => {
      const model = withSeededWeights(smallNet(), 1);
      const step = await compileTrainStep({ model, engine });
      const first = (await step.step(batchOf(6, 1), { learningRate: 0.01 })).loss;
      for (let i = 0; i < 10; i++) await step.step(batchOf(6, 1), { learningRate: 0.01 });
      expect((await step.step(batchOf(6, 1), { learningRate: 0.01 })).loss).toBeLessThan(first);
      step.dispose();
      const fresh = await compileTrainStep({ model, engine });
      const { inputs } = batchOf(3, 2);
      const found = await fresh.predict(inputs, 3);
      const expected = (model.predict(tf.tensor4d(Float32Array.from(inputs), [3, 12, 12, 1])) as tf.Tensor).dataSync();
      found.forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-5));
      fresh.dispose();
    });
  });
});
