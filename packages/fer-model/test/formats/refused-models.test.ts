/** What is refused of files of models, in every format that is read: code, layers of one's own, weights that do not fit, other files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactAt, FerError } from "@fer/core";
import { openModelFile, type OpenModelFileOptions } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeModel } from "../../dist/keras/h5-weights.js";
import { writeHdf5 } from "../../dist/keras/hdf5.js";
import { storedZip } from "../keras/stored-zip.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-refused-"));
beforeAll(() => tf.setBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true }));

interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
}
const POOL: LayerJson = {
  class_name: "GlobalAveragePooling2D",
  config: { name: "pool", batch_input_shape: [null, 8, 8, 1], data_format: "channels_last" },
};
const dense = (units: number): LayerJson => ({
  class_name: "Dense",
  config: { name: "dense", units, activation: "softmax" },
});
const LAMBDA: LayerJson = {
  class_name: "Lambda",
  config: { name: "twice", function_type: "lambda", function: ["4wEAAAAAAAAA", null, null] },
};
const OWN: LayerJson = { class_name: "Warm", config: { name: "warm" } };
const WEIGHTS = [
  {
    layer: "dense",
    weights: [
      { name: "dense/kernel:0", shape: [1, 3], data: Float32Array.of(1, 0, -1) },
      { name: "dense/bias:0", shape: [3], data: new Float32Array(3) },
    ],
  },
];

/** As Keras 1 and early Keras 2 write a Sequential, and as later ones do. */
const asList = (layers: readonly LayerJson[]): string => JSON.stringify({ class_name: "Sequential", config: layers });
const asObject = (layers: readonly LayerJson[]): string =>
  JSON.stringify({ class_name: "Sequential", config: { name: "net", layers } });

let serial = 0;
const write = (ending: string, content: string | Uint8Array): string => {
  const path = join(folder, `m${serial++}${ending}`);
  writeFileSync(path, content);
  return path;
};
const whole = async (architecture: string): Promise<string> =>
  write(".h5", await encodeModel(WEIGHTS, { architecture }));
/** Architecture beside weights alone, in the root of their file. */
async function pair(architecture: string, fill?: (dense: H5Group, file: H5File) => number): Promise<string> {
  const path = write(".json", architecture);
  const bytes = await writeHdf5((file) => {
    file.create_attribute("layer_names", ["dense"], [1], "S5");
    const group = file.create_group("dense");
    group.create_attribute("weight_names", ["dense/kernel:0", "dense/bias:0"], [2], "S14");
    if (fill !== undefined) return fill(group, file);
    const inner = group.create_group("dense");
    inner.create_dataset({ name: "kernel:0", data: WEIGHTS[0]!.weights[0]!.data, shape: [1, 3], dtype: "<f" });
    inner.create_dataset({ name: "bias:0", data: WEIGHTS[0]!.weights[1]!.data, shape: [3], dtype: "<f" });
    return 2;
  });
  writeFileSync(path.replace(".json", ".h5"), bytes);
  return path;
}
type H5File = Parameters<Parameters<typeof writeHdf5>[0]>[0];
type H5Group = ReturnType<H5File["create_group"]>;

async function archive(architecture: string): Promise<string> {
  const weights = await writeHdf5((file) => {
    const vars = file.create_group("layers").create_group("dense").create_group("vars");
    vars.create_dataset({ name: "0", data: WEIGHTS[0]!.weights[0]!.data, shape: [1, 3], dtype: "<f" });
    vars.create_dataset({ name: "1", data: WEIGHTS[0]!.weights[1]!.data, shape: [3], dtype: "<f" });
    return 2;
  });
  return write(
    ".keras",
    storedZip([
      ["metadata.json", '{"keras_version": "3.12.0"}'],
      ["config.json", architecture],
      ["model.weights.h5", weights],
    ]),
  );
}

function tfjs(architecture: string): string {
  const bytes = Float32Array.of(1, 0, -1, 0, 0, 0);
  const weights = write(".bin", new Uint8Array(bytes.buffer));
  const weightsManifest = [
    {
      paths: [weights.slice(folder.length + 1)],
      weights: WEIGHTS[0]!.weights.map(({ name, shape }) => ({
        name: name.replace(":0", ""),
        shape,
        dtype: "float32",
      })),
    },
  ];
  const modelTopology = { keras_version: "2.15.0", backend: "tensorflow", model_config: JSON.parse(architecture) };
  return write(".json", JSON.stringify({ format: "layers-model", modelTopology, weightsManifest }));
}

const FORMS = {
  "whole .h5 of Keras 1, whose Sequential is a list": (layers: readonly LayerJson[]) => whole(asList(layers)),
  "whole .h5": (layers: readonly LayerJson[]) => whole(asObject(layers)),
  ".json of Keras 1 beside weights": (layers: readonly LayerJson[]) => pair(asList(layers)),
  ".json beside weights": (layers: readonly LayerJson[]) => pair(asObject(layers)),
  ".keras": (layers: readonly LayerJson[]) => archive(asObject(layers)),
  "layers model of TensorFlow.js": async (layers: readonly LayerJson[]) => tfjs(asObject(layers)),
};
const TOLD: OpenModelFileOptions = { classes: ["happy", "sad", "neutral"], scale: 1 / 255, offset: 0, engine: "cpu" };

/** What is said, without folders and the numbers of files. */
const said = (path: string, told: OpenModelFileOptions = TOLD): Promise<string> =>
  openModelFile(path, told).then(
    ({ predictor }) => {
      predictor.dispose();
      return "opened";
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(FerError);
      return String((error as Error).message)
        .replaceAll(`${folder}/`, "")
        .replaceAll(/\bm\d+\./g, "m.");
    },
  );

describe.each(Object.entries(FORMS))("%s", (form, make) => {
  const isTfjs = form.includes("TensorFlow.js");

  test("is opened, and predicts, where nothing is wrong with it", async () => {
    const { predictor } = await openModelFile(await make([POOL, dense(3)]), TOLD);
    const [prediction] = await predictor.predict(new Uint8Array(64).fill(255));
    const powers = [Math.E, 1, 1 / Math.E];
    const sum = powers.reduce((total, each) => total + each, 0);
    for (const [at, value] of Object.values(prediction!.probabilities).entries())
      expect(value).toBeCloseTo(powers[at]! / sum, 5);
    predictor.dispose();
  });

  test("Python code in a Lambda layer is never executed", async () => {
    const message = await said(await make([POOL, LAMBDA, dense(3)]));
    expect(message).toMatch(
      isTfjs
        ? /TensorFlow\.js cannot build it \(Unknown layer: Lambda\..*registerClass/
        : /the layer "twice" \(Lambda\): Python code, which is never executed\..*registerClass/,
    );
  });

  test("a layer of one's own is told how to bring along", async () => {
    const message = await said(await make([POOL, OWN, dense(3)]));
    expect(message).toMatch(
      isTfjs
        ? /TensorFlow\.js cannot build it \(Unknown layer: Warm\..*registerClass/
        : /the layer "warm" \(Warm\): TensorFlow\.js does not have it\..*static className = "Warm".*registerClass/,
    );
  });

  test("weights that do not fit: which layer, which shapes", async () => {
    const message = await said(await make([POOL, dense(4)]));
    expect(message).toMatch(/shape \[1, 3\] of ".+"\. Expected \[1, 4\] for "dense\/kernel" of layer "dense"/);
  });

  test("what it does not say is asked for", async () => {
    expect(await said(await make([POOL, dense(3)]), {})).toMatch(
      /it does not say classes, scale, offset\. Expected --classes neutral,anger,\.\.\. --scale 0\.00784 --offset -1, or a file m\.\w+\.fer\.json beside it/,
    );
    expect(await said(await make([POOL, dense(3)]), { ...TOLD, classes: ["happy", "sad"] })).toMatch(
      /number of classes 2\. Expected 3, as the model has it/,
    );
  });
});

test("the .json of a model is not taken for a set", async () => {
  for (const path of [await pair(asList([POOL, dense(3)])), tfjs(asObject([POOL, dense(3)]))])
    await expect(artifactAt(path)).rejects.toThrow("it is not an image folder, a set or a run");
});

test("weights in another file are not read: legacy layout, layer and weight", async () => {
  const architecture = asObject([POOL, dense(3)]);
  const ofWeight = await pair(architecture, (group, file) => {
    group.create_group("dense");
    file.create_external_link("/etc/passwd", "/kernel", "dense/dense/kernel:0");
    return 0;
  });
  expect(await said(ofWeight)).toMatchInlineSnapshot(
    `"m.h5: "kernel:0", a link into another file ("/etc/passwd"). Expected a file that holds its weights itself. Other files are not opened on its behalf; save the model again in one file."`,
  );
  const ofLayer = write(".json", architecture);
  writeFileSync(
    ofLayer.replace(".json", ".h5"),
    await writeHdf5((file) => {
      file.create_attribute("layer_names", ["dense"], [1], "S5");
      file.create_external_link("../other.h5", "/dense", "dense");
      return 0;
    }),
  );
  expect(await said(ofLayer)).toMatchInlineSnapshot(
    `"m.h5: "dense", a link into another file ("../other.h5"). Expected a file that holds its weights itself. Other files are not opened on its behalf; save the model again in one file."`,
  );
});

describe("ONNX", () => {
  test("weights elsewhere, ops of one's own, and no ONNX at all are refused", async () => {
    expect(await said(write(".onnx", onnx({ location: "/etc/passwd" })))).toMatch(
      /onnxruntime cannot open it \(.*[Aa]bsolute path/,
    );
    expect(await said(write(".onnx", onnx({ location: "../up.bin" })))).toMatch(
      /onnxruntime cannot open it \(.*escapes model directory/,
    );
    expect(await said(write(".onnx", onnx({ op: "Lambda" })))).toMatch(/onnxruntime cannot open it \(.*Lambda/);
    expect(await said(write(".onnx", "not protobuf"))).toMatch(
      /onnxruntime cannot open it \(.*\)\. Expected a whole ONNX model/,
    );
    expect(await said(write(".onnx", ""))).toMatch(/Expected a whole ONNX model/);
  });
});

/** x `[1, 3]` + b, as protobuf (onnx.proto3); `b` may lie in another file. */
function onnx({ location, op = "Add" }: { location?: string; op?: string }): Buffer {
  const field = (tag: number, value: number | string | Buffer): Buffer => {
    if (typeof value === "number") return Buffer.from([tag << 3, value]);
    const bytes = Buffer.from(value as string);
    return Buffer.concat([Buffer.from([(tag << 3) | 2, bytes.length]), bytes]);
  };
  const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
  const entry = (key: string, value: string): Buffer => field(13, message(field(1, key), field(2, value)));
  const data =
    location === undefined
      ? [field(9, Buffer.alloc(12))]
      : [entry("location", location), entry("length", "12"), field(14, 1)];
  const tensor = message(field(1, 1), field(1, 3), field(2, 1), field(8, "b"), ...data);
  const dim = (size: number): Buffer => field(1, message(field(1, size)));
  const info = (name: string): Buffer =>
    message(field(1, name), field(2, field(1, message(field(1, 1), field(2, message(dim(1), dim(3)))))));
  const node = message(field(1, "x"), field(1, "b"), field(2, "y"), field(4, op));
  const graph = message(field(1, node), field(2, "g"), field(5, tensor), field(11, info("x")), field(12, info("y")));
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ""), field(2, 13))));
}
