import { decodeKerasWeights, encodeKerasWeights, type LayerWeights } from "../../dist/formats/index.js";
import { writeHdf5 } from "../../dist/formats/hdf5.js";
import { describe, expect, test } from "vitest";

const layer = (name: string, values: number[]): LayerWeights => ({
  layer: name,
  weights: [{ name: `${name}/kernel:0`, shape: [values.length], data: Float32Array.from(values) }],
});

describe("weights files", () => {
  test("keep names, order, shapes and bits", async () => {
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
    const { layers: read } = await decodeKerasWeights(await encodeKerasWeights(layers), "test.h5");
    expect(read).toEqual(layers);
  });

  test("split lists of names that exceed an HDF5 attribute, as Keras does", async () => {
    const layers = Array.from({ length: 700 }, (_, at) => layer(`layer_${"x".repeat(100)}_${at}`, [at]));
    const { layers: read } = await decodeKerasWeights(await encodeKerasWeights(layers), "test.h5");
    expect(read.map(({ layer }) => layer)).toEqual(layers.map(({ layer }) => layer));
    expect(read[699]!.weights[0]!.data).toEqual(Float32Array.of(699));
  });

  test("are refused when they are HDF5 of another kind, such as Keras 3's .weights.h5", async () => {
    const bytes = await writeHdf5((file) => {
      file.create_group("layers");
      file.create_group("vars");
      return 0;
    });
    await expect(decodeKerasWeights(bytes, "model.weights.h5")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: model.weights.h5: an HDF5 file without the attribute layer_names (groups: layers, vars). Expected the weights layout of Keras 2. Save it in Keras with \`model.save_weights("name.h5")\`; Keras 3 calls its own layout .weights.h5.]`,
    );
  });

  test("are refused when a named layer has no data", async () => {
    const bytes = await writeHdf5((file) => {
      file.create_attribute("layer_names", ["conv2d"], [1], "S6");
      return 0;
    });
    await expect(decodeKerasWeights(bytes, "half.h5")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: half.h5: no data for the layer "conv2d" that it names. Expected a whole weights file. Copy or train it again.]`,
    );
  });
});
