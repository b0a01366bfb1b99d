import { readHdf5, readTensor, writeHdf5 } from "../../dist/keras/hdf5.js";
import { encodeModel, type LayerWeights, readH5Layers, readModelConfig } from "../../dist/keras/h5-weights.js";
import type { File as Hdf5File } from "h5wasm";
import { describe, expect, test } from "vitest";

const layer = (name: string, values: number[]): LayerWeights => ({
  layer: name,
  weights: [{ name: `${name}/kernel:0`, shape: [values.length], data: Float32Array.from(values) }],
});

/** Layers of a file with all their values. */
const decode = (bytes: Uint8Array): Promise<LayerWeights[] | undefined> =>
  readHdf5(bytes, {
    name: "test.h5",
    read: (file) =>
      readH5Layers(file, "test.h5")?.map(({ layer, weights }) => ({
        layer,
        weights: weights.map(({ name, tensor }) => ({
          name,
          shape: tensor.shape,
          data: readTensor(file, { tensor, file: "test.h5" }),
        })),
      })),
  });

describe("a file of a whole model", () => {
  test("keeps names, order, shapes and bits", async () => {
    const layers: LayerWeights[] = [
      {
        layer: "zebra",
        weights: [
          { name: "zebra/kernel:0", shape: [2, 1, 3], data: Float32Array.of(1, -0, 1e-40, 3.4e38, 0.1, NaN) },
          { name: "zebra/bias:0", shape: [1], data: Float32Array.of(7) },
        ],
      },
      { layer: "empty", weights: [] },
      layer("ant", [1, 2]),
    ];
    expect(await decode(await encodeModel(layers, { architecture: "{}" }))).toEqual(layers);
  });

  test("keeps an architecture that is longer than an attribute of old HDF5 may be", async () => {
    const architecture = JSON.stringify({ text: "ä".repeat(100_000) });
    const bytes = await encodeModel([layer("a", [1])], { architecture, info: '{"classes":["happy"]}' });
    const found = await readHdf5(bytes, {
      name: "long.h5",
      read: (file: Hdf5File) => ({ ...readModelConfig(file), info: file.attrs["fer_model"]!.value }),
    });
    expect(found).toEqual({ architecture, kerasVersion: "2.15.0", info: '{"classes":["happy"]}' });
  });

  test("splits lists of names that exceed an attribute, as Keras does", async () => {
    const layers = Array.from({ length: 700 }, (_, at) => layer(`layer_${"x".repeat(100)}_${at}`, [at]));
    const read = await decode(await encodeModel(layers, { architecture: "{}" }));
    expect(read!.map(({ layer: name }) => name)).toEqual(layers.map(({ layer: name }) => name));
    expect(read![699]!.weights[0]!.data).toEqual(Float32Array.of(699));
  });

  test("is refused when a named layer has no data", async () => {
    const bytes = await writeHdf5((file) => {
      file.create_attribute("layer_names", ["conv2d"], [1], "S6");
      return 0;
    });
    await expect(decode(bytes)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: test.h5: no data for the layer "conv2d" that it names. Expected a whole weights file. Copy or train it again.]`,
    );
  });

  test("is refused when Keras wrote it on Theano, whose kernels are mirrored", async () => {
    const bytes = await writeHdf5((file) => {
      file.create_attribute("backend", "theano");
      file.create_attribute("layer_names", ["conv"], [1], "S4");
      const group = file.create_group("conv");
      group.create_attribute("weight_names", ["kernel"], [1], "S6");
      group.create_dataset({ name: "kernel", data: new Float32Array(9), shape: [3, 3, 1, 1], dtype: "<f" });
      return 1;
    });
    await expect(decode(bytes)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: test.h5: weights that Keras wrote on Theano, whose convolution kernels are mirrored. Expected weights of Keras on TensorFlow, JAX or PyTorch. Load and save the model once with Keras 2 on TensorFlow, which turns the kernels.]`,
    );
  });
});
