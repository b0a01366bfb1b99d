/** Fine-tuning: what is taken over from a run or a Keras file, what is frozen, and what is refused. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { architectures, FerTrainer, loadKerasModel, openRun, type Run, saveKerasModel } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitHead } from "../../dist/train/fit-head.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 2,
  batchSize: 16,
  report: false,
  baselines: false,
} as const;
/** Nothing that it learns is kept: the weights stay those that it started from. */
const idle = { ...base, epochs: 1, learningRate: 1e-30, weights: "last" } as const;

let folder: string;
let set: AssembledSet;
let source: Run;
const path = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-start-"));
  set = await tinySet(path("set"), { parts: { train: 48, val: 12, test: 12 } });
  source = await new FerTrainer({ ...base, seed: 5, to: path("source") }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** Weights by name. */
const weightsOf = (model: LayersModel): Record<string, number[]> =>
  Object.fromEntries(model.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]));

describe("from a run", () => {
  test("training goes on from its weights", async () => {
    const run = await new FerTrainer({ ...idle, from: source.folder, to: path("idle") }).fit(set);
    const [before, after] = [weightsOf(await source.network()), weightsOf(await run.network())];
    for (const name of Object.keys(before).filter((name) => !name.includes("moving"))) {
      expect({ name, values: after[name] }).toEqual({ name, values: before[name] });
    }
    expect(run.model!.architecture).toBe("tiny");
    expect(run.config.start).toEqual({
      architecture: "tiny",
      kept: ["neutral", "anger", "happy"],
      added: [],
      dropped: [],
      frozen: [],
    });
  });

  test("frozen layers keep weights and statistics, the others do not", async () => {
    const options = { ...base, from: source.folder, freeze: ["body"] };
    const run = await new FerTrainer({ ...options, to: path("frozen") }).fit(set);
    const [before, after] = [weightsOf(await source.network()), weightsOf(await run.network())];
    const changed = Object.keys(before).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    expect(changed).toEqual(["dense/kernel", "dense/bias"]);
    expect(run.config.start!.frozen).toEqual(["conv2d", "batch_normalization", "conv2d_1"]);
    // and they are not frozen for good
    const again = await new FerTrainer({ ...base, from: run.folder, to: path("thawed") }).fit(set);
    expect(weightsOf(await again.network())["conv2d/kernel"]).not.toEqual(before["conv2d/kernel"]);
  });

  test("it ends in the same bytes after an interruption, and wherever the run lies", async () => {
    const options = { ...base, from: source.folder, freeze: ["conv2d*"] };
    const expected = await tree((await new FerTrainer({ ...options, to: path("whole") }).fit(set)).folder);
    const interrupted = new FerTrainer({ ...options, to: path("interrupted") });
    const controller = new AbortController();
    let steps = 0;
    const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === 4 && controller.abort()) }];
    await expect(interrupted.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(await tree((await interrupted.fit(set)).folder)).toEqual(expected);
    const moved = await source.save(path("moved"));
    const run = await new FerTrainer({ ...options, from: moved.folder, to: path("whole") }).fit(set);
    expect(run.reused).toBe(true);
  });

  test("each output goes to the class of its name, new classes get new ones, and it is said", async () => {
    const classes = ["happy", "sad", "neutral"];
    const other = await tinySet(path("other"), { classes, parts: { train: 48, val: 12, test: 12 } });
    const messages: string[] = [];
    const onProgress = ({ message }: { message?: string }) => void (message && messages.push(message));
    const run = await new FerTrainer({ ...idle, from: source.folder, to: path("named") }).fit(other, { onProgress });
    expect(messages[0]).toBe(`starts from ${source.folder} (tiny); new outputs for sad; without those for anger`);
    const [before, after] = [weightsOf(await source.network()), weightsOf(await run.network())];
    const column = (weights: Record<string, number[]>, at: number) =>
      weights["dense/kernel"]!.filter((_, index) => index % 3 === at);
    expect(column(after, 0)).toEqual(column(before, 2));
    expect(column(after, 2)).toEqual(column(before, 0));
    expect(column(after, 1)).not.toEqual(column(before, 1));
    const bias = [before["dense/bias"]![2], 0, before["dense/bias"]![0]];
    // Adam moves each weight by about the rate.
    expect(after["dense/bias"]!.map((value) => (Math.abs(value) < 1e-29 ? 0 : value))).toEqual(bias);
    expect(run.config.start).toMatchObject({ kept: ["happy", "neutral"], added: ["sad"], dropped: ["anger"] });
    other.close();
  });

  test("its metrics say what of the test part the first network had seen", async () => {
    const run = await openRun(path("idle"));
    expect(run.metrics!.seen).toEqual({ images: 0, groups: 0 });
    // the same pictures, but what was trained on is tested now
    const turned = await tinySet(path("turned"), { parts: { test: 48, train: 12, val: 12 } });
    const leaked = await new FerTrainer({ ...idle, from: source.folder, to: path("leaked") }).fit(turned);
    expect(leaked.metrics!.seen!.images).toBe(48);
    turned.close();
  });
});

describe("from a Keras file", () => {
  test("the last layer is replaced, since nothing says what its outputs are", async () => {
    const file = path("foreign");
    const foreign = architectures.tiny.build({ size: 8, classes: 10, seed: 3 });
    await saveKerasModel(foreign, { path: file });
    const run = await new FerTrainer({ ...idle, from: `${file}.h5`, to: path("foreign-run") }).fit(set);
    const [before, after] = [weightsOf(foreign), weightsOf(await run.network())];
    expect(after["conv2d/kernel"]).toEqual(before["conv2d/kernel"]);
    expect(after["dense/kernel"]!.length).toBe(8 * 3);
    expect(run.model!.architecture).toBe("custom");
    expect(run.config.start).toMatchObject({ kept: [], added: ["neutral", "anger", "happy"], dropped: [] });
    expect(run.metrics!.seen).toBeNull();
    foreign.dispose();
  });
});

describe("fitHead", () => {
  test("fits a convolution that ends in a global pool", async () => {
    const network = architectures["mini-xception"].build({ size: 8, classes: 4, seed: 3 });
    const before = weightsOf(network);
    const { model, head } = await fitHead(network, { from: ["a", "b", "c", "d"], classes: ["d", "a"], seed: 1 });
    const after = weightsOf(model);
    expect(model.outputs[0]!.shape).toEqual([null, 2]);
    expect(after["conv2d_6/kernel"]!.length).toBe(9 * 128 * 2);
    const old = before["conv2d_6/kernel"]!;
    expect(after["conv2d_6/kernel"]).toEqual(
      Array.from({ length: 9 * 128 }, (_, row) => [old[row * 4 + 3]!, old[row * 4]!]).flat(),
    );
    expect(head).toEqual({ kept: ["d", "a"], added: [], dropped: ["b", "c"] });
    model.dispose();
  });

  test.each(Object.keys(architectures) as (keyof typeof architectures)[])("fits %s", async (name) => {
    const network = architectures[name].build({ size: 48, classes: 3, seed: 3 });
    const before = weightsOf(network);
    const { model } = await fitHead(network, { from: ["a", "b", "c"], classes: ["c", "x", "a"], seed: 1 });
    const changed = Object.entries(weightsOf(model)).filter(([weight, values]) =>
      values.some((value, at) => value !== before[weight]![at]),
    );
    const layers = new Set(changed.map(([weight]) => weight.split("/")[0]));
    expect([...layers]).toEqual([model.layers.findLast(({ weights }) => weights.length > 0)!.name]);
    expect(model.outputs[0]!.shape).toEqual([null, 3]);
    model.dispose();
  });

  test("new columns follow from the seed", async () => {
    const fitted = async (seed: number) => {
      const network = architectures.tiny.build({ size: 8, classes: 4, seed: 3 });
      const { model } = await fitHead(network, { from: null, classes: ["a", "b"], seed });
      const values = weightsOf(model)["dense/kernel"]!;
      model.dispose();
      return values;
    };
    expect(await fitted(1)).toEqual(await fitted(1));
    expect(await fitted(1)).not.toEqual(await fitted(2));
    expect(Math.max(...(await fitted(1)).map(Math.abs))).toBeLessThan(Math.sqrt(6 / (8 + 2)));
  });
});

describe("refuses", () => {
  const attempt = (options: object, given = {}) =>
    new FerTrainer({ ...base, ...options, to: path("refused") }).fit(set, given);

  test("a run of images of another kind", async () => {
    await expect(attempt({ from: source.folder, crop: 6, standardize: false })).rejects.toThrow(
      "crop null there, 6 here, standardize true there, false here",
    );
  });

  test("a layer that it does not have", async () => {
    await expect(attempt({ from: source.folder, freeze: ["conv2d_2"] })).rejects.toThrow(
      "freeze: the network has no layer conv2d_2. Expected one of batch_normalization, conv2d, conv2d_1, dense; the beginning of names and *; or body, all but the last.",
    );
  });

  test("to freeze all there is, or nothing that is there", async () => {
    await expect(attempt({ from: source.folder, freeze: ["body", "dense"] })).rejects.toMatchObject({
      code: "ALL_FROZEN",
    });
    await expect(attempt({ freeze: ["body"] })).rejects.toMatchObject({ code: "NOTHING_TO_FREEZE" });
  });

  test("two networks to start from", async () => {
    const model = architectures.tiny.build({ size: 8, classes: 3 });
    await expect(attempt({ from: source.folder }, { model })).rejects.toMatchObject({ code: "TWO_STARTS" });
    model.dispose();
  });

  test("a Keras file of another input", async () => {
    const file = path("large");
    const large = architectures.tiny.build({ size: 12, classes: 3 });
    await saveKerasModel(large, { path: file });
    large.dispose();
    await expect(attempt({ from: `${file}.h5` })).rejects.toMatchObject({ code: "MODEL_DOES_NOT_FIT" });
  });

  test("a network without a last layer that could be fitted", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 1] }),
        tf.layers.dense({ units: 4 }),
        tf.layers.batchNormalization(),
        tf.layers.activation({ activation: "softmax" }),
      ],
    });
    await saveKerasModel(model, { path: path("headless") });
    await expect(attempt({ from: path("headless.h5") })).rejects.toMatchObject({ code: "NO_HEAD" });
    expect((await loadKerasModel(path("headless.h5"))).layers.length).toBe(5);
  });

  test("a file that is not there", async () => {
    await expect(attempt({ from: path("nowhere.h5") })).rejects.toMatchObject({ code: "NO_MODEL_FILE" });
  });
});
