import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { architectures } from "../../dist/architectures/index.js";
import { kerasArchitecture, loadKerasModel, saveKerasModel } from "../../dist/keras/index.js";
import { buildFromJson } from "../../dist/keras/build-model.js";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "fer-keras-"));
beforeAll(() => tf.setBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Class probabilities of fixed noise, raw grey levels. */
function predict(model: LayersModel, count = 2): number[] {
  return tf.tidy(() => {
    const shape = [count, ...model.inputs[0]!.shape.slice(1).map(Number)];
    return Array.from((model.predict(tf.randomUniform(shape, 0, 255, "float32", 11)) as Tensor).dataSync());
  });
}

/** All weights, bit for bit. */
const bytesOf = (model: LayersModel): Buffer =>
  Buffer.concat(model.getWeights().map((weight) => Buffer.from((weight.dataSync() as Float32Array).buffer)));

/** Moves every weight off its initial value, so that a weight left behind shows. */
function disturb(model: LayersModel): void {
  tf.tidy(() => {
    model.setWeights(
      model.getWeights().map((w, at) => w.mul(0.5).add(tf.randomUniform(w.shape, 0.1, 0.3, "float32", at + 1))),
    );
  });
}

describe.each(Object.values(architectures))("$name", (architecture) => {
  test("predicts exactly the same after a round trip through .json and .h5", async () => {
    const model = architecture.build({ seed: 3 });
    disturb(model);
    const path = join(folder, architecture.name);
    await saveKerasModel(model, { path });
    const copy = await loadKerasModel(path);
    expect(predict(copy)).toEqual(predict(model));
    expect(bytesOf(copy).equals(bytesOf(model))).toBe(true);
    expect(kerasArchitecture(copy).json).toBe(kerasArchitecture(model).json);
    model.dispose();
    copy.dispose();
  });
});

test("models within a model are written out as their layers, and predict the same", async () => {
  const inner = tf.input({ shape: [4, 4, 1] });
  const convolved = tf.layers.conv2d({ name: "conv", filters: 1, kernelSize: 1 }).apply(inner) as SymbolicTensor;
  const net = tf.model({ name: "net", inputs: inner, outputs: convolved });
  const image = tf.input({ shape: [6, 6, 1] });
  const first = tf.layers.conv2d({ name: "conv", filters: 1, kernelSize: 3 }).apply(image) as SymbolicTensor;
  const twice = net.apply(net.apply(first)) as SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: tf.layers.flatten().apply(twice) as SymbolicTensor });
  disturb(model);
  await saveKerasModel(model, { path: join(folder, "nested") });
  const copy = await loadKerasModel(join(folder, "nested.h5"));
  expect(copy.layers.map(({ name }) => name)).toEqual([
    image.name,
    "conv",
    "net_conv",
    expect.stringMatching("flatten"),
  ]);
  expect(predict(copy)).toEqual(predict(model));
});

test("the same weights give the same bytes at another time", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T00:00:00Z") });
  try {
    for (const name of ["first", "second"]) {
      await saveKerasModel(architectures.tiny.build(), { path: join(folder, name) });
      vi.setSystemTime(new Date("2026-03-01T12:34:56Z"));
    }
  } finally {
    vi.useRealTimers();
  }
  const [first, second] = ["first", "second"].map((name) => readFileSync(join(folder, `${name}.h5`)));
  expect(first!.equals(second!)).toBe(true);
});

test("leaves no temporary file, and replaces an older model", async () => {
  const own = mkdtempSync(join(folder, "own-"));
  for (const seed of [1, 2]) await saveKerasModel(architectures.tiny.build({ seed }), { path: join(own, "model") });
  expect((await readdir(own)).sort()).toEqual(["model.h5", "model.json"]);
  expect(predict(await loadKerasModel(join(own, "model.h5")))).toEqual(predict(architectures.tiny.build({ seed: 2 })));
});

test("reads a Sequential of old Keras, whose config is a list", async () => {
  const json = JSON.parse(kerasArchitecture(architectures.tiny.build()).json);
  const old = { ...json, config: json.config.layers, keras_version: "2.2.2" };
  const { model } = await buildFromJson(JSON.stringify(old), { name: "old.json" });
  expect(model.countParams()).toBe(architectures.tiny.parameters);
});

test("reads what tf.keras writes: module names, dtype policies, the axis of a batch norm as a list", async () => {
  const json = JSON.parse(kerasArchitecture(architectures["fer-resnet9"].build()).json);
  for (const layer of json.config.layers) {
    Object.assign(layer, { module: "keras.layers", registered_name: null, build_config: { input_shape: [null] } });
    layer.config.dtype = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } };
    if (layer.class_name === "BatchNormalization") layer.config.axis = [3];
  }
  const { model } = await buildFromJson(JSON.stringify({ ...json, class_name: "Functional" }), { name: "new.json" });
  expect(model.countParams()).toBe(architectures["fer-resnet9"].parameters);
});

describe("refuses", () => {
  const write = (name: string, contents: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, contents);
    return path;
  };
  const failure = async (path: string) => {
    const error = await loadKerasModel(path).catch((reason: unknown) => reason);
    return String(error).replaceAll(folder, "<folder>");
  };

  test("a missing file", async () => {
    expect(await failure(join(folder, "nothing"))).toMatchInlineSnapshot(
      `"FormatError: <folder>/nothing.h5: no such file. Expected a Keras model: one file of a whole model (.h5, .keras), or architecture .json beside weights .h5."`,
    );
  });

  test("a Git LFS pointer", async () => {
    const path = write("pointer.h5", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    expect(await failure(path)).toMatchInlineSnapshot(
      `"FormatError: pointer.h5: a file that begins with "version https://". Expected an HDF5 file (Keras .h5). If it came through Git LFS, run \`git lfs pull\`."`,
    );
  });

  test("an empty file", async () => {
    expect(await failure(write("empty.h5", ""))).toMatchInlineSnapshot(
      `"FormatError: empty.h5: an empty file. Expected an HDF5 file (Keras .h5). If it came through Git LFS, run \`git lfs pull\`."`,
    );
  });

  test("a truncated file, without a word from HDF5 on the terminal", async () => {
    await saveKerasModel(architectures.tiny.build(), { path: join(folder, "whole") });
    const printed = vi.spyOn(process.stderr, "write");
    const logged = vi.spyOn(console, "error");
    expect(
      await failure(write("cut.h5", readFileSync(join(folder, "whole.h5")).subarray(0, 9000))),
    ).toMatchInlineSnapshot(
      `"FormatError: cut.h5: a damaged HDF5 file of 9000 bytes (truncated file: eof = 9000, sblock->base_addr = 0, stored_eof = 27696). Expected a whole one. Copy or train it again."`,
    );
    expect(printed).not.toHaveBeenCalled();
    expect(logged).not.toHaveBeenCalled();
    printed.mockRestore();
    logged.mockRestore();
  });

  test("weights of another architecture", async () => {
    await saveKerasModel(architectures.tiny.build(), { path: join(folder, "mixed") });
    write("mixed.json", kerasArchitecture(architectures["fer-cnn-small"].build()).json);
    expect(await failure(join(folder, "mixed"))).toMatchInlineSnapshot(
      `"FormatError: mixed.h5: 4 layers with weights; "conv2d_2" has none. Expected 11, as in the architecture. Pass the architecture that was saved with these weights."`,
    );
  });

  test("weights of another number of classes", async () => {
    await saveKerasModel(architectures.tiny.build({ classes: 8 }), { path: join(folder, "eight") });
    write("eight.json", kerasArchitecture(architectures.tiny.build({ classes: 7 })).json);
    expect(await failure(join(folder, "eight"))).toMatchInlineSnapshot(
      `"FormatError: eight.h5: shape [8, 8] of "dense/kernel:0". Expected [8, 7] for "dense/kernel" of layer "dense". Pass the architecture that was saved with these weights."`,
    );
  });

  test("text that is no JSON, and JSON that is no model", async () => {
    await saveKerasModel(architectures.tiny.build(), { path: join(folder, "text") });
    write("text.json", "{");
    expect(await failure(join(folder, "text"))).toMatchInlineSnapshot(
      `"FormatError: text.json: text that is not JSON. Expected the architecture of a model, as Keras writes it with \`model.to_json()\`."`,
    );
    write("text.json", '{"class_name":"Sequence","config":{}}');
    expect(await failure(join(folder, "text"))).toMatchInlineSnapshot(
      `"FormatError: text.json: a model of the class "Sequence". Expected the architecture of a Sequential or functional model, as Keras writes it with \`model.to_json()\`. A class of one's own is Python code; build the model with the functional API."`,
    );
  });

  test("a layer that TensorFlow.js does not have", async () => {
    await saveKerasModel(architectures.tiny.build(), { path: join(folder, "layer") });
    const json = kerasArchitecture(architectures.tiny.build()).json.replace(
      '"GlobalAveragePooling2D"',
      '"GlobalMagicPooling2D"',
    );
    write("layer.json", json);
    expect(await failure(join(folder, "layer"))).toMatchInlineSnapshot(
      `"FormatError: layer.json: the layer "global_average_pooling2d" (GlobalMagicPooling2D): TensorFlow.js does not have it. Expected layers and settings that TensorFlow.js has. Write it as a tf.layers.Layer with \`static className = "GlobalMagicPooling2D"\`, and pass that to tf.serialization.registerClass before loading; or replace it in the model."`,
    );
  });

  test("a target that cannot be written", async () => {
    write("file", "");
    const error = await saveKerasModel(architectures.tiny.build(), { path: join(folder, "file", "model") }).catch(
      (e: unknown) => e,
    );
    expect(
      String(error)
        .replaceAll(folder, "<folder>")
        .replace(/: [^:]+ \(E\w+\)/, ": <why> (<code>)"),
    ).toMatchInlineSnapshot(
      `"FormatError: <folder>/file/model.json: it cannot be written: <why> (<code>). Expected a folder that can be written and has space left."`,
    );
  });
});

describe.skipIf(!process.env["FER_DATA"])("published models of others (FER_DATA)", () => {
  const published = join(process.env["FER_DATA"] ?? "", "keras-models");

  test("loads the original framework's weights-only Keras 2.2.2 model; predictions are those of Keras", async () => {
    const model = await loadKerasModel(join(published, "CNN_model"));
    // tf_keras 2.19.0 on TensorFlow 2.19.1, a black image.
    const keras = [0.4030227, 0.23417583, 0.0854331, 0.1836831, 0.01247091, 0.03790547, 0.01055777, 0.03275113];
    const ours = Array.from((model.predict(tf.zeros([1, 48, 48, 1])) as Tensor).dataSync());
    expect(Math.max(...ours.map((p, at) => Math.abs(p - keras[at]!)))).toBeLessThan(1e-6);
  });

  test("loads a whole saved model of Keras 2.0 with separable convolutions", async () => {
    const model = await loadKerasModel(join(published, "fer2013_mini_XCEPTION.102-0.66.hdf5"));
    // tf_keras 2.19.0 on TensorFlow 2.19.1, a black image.
    const keras = [0.14888151, 1.1275043e-6, 0.12648793, 0.040519413, 0.012311017, 0.040169545, 0.63162941];
    const ours = Array.from((model.predict(tf.zeros([1, 64, 64, 1])) as Tensor).dataSync());
    expect(Math.max(...ours.map((p, at) => Math.abs(p - keras[at]!)))).toBeLessThan(1e-6);
  });
});
