import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSet } from "@fer/core/set";
import { EXPORT_FORMATS, ExportedModel, exportRun, loadKerasModel } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import type { Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { float16Bits } from "../../dist/formats/float16.js";
import { loadTfjsGraph, loadTfjsLayers, readTfjsJson } from "../../dist/formats/load-tfjs.js";
import { classesOf, type ExportedRun, exportedRun, worst } from "./exported-run.ts";

/** Images that the reference in TypeScript, which is slow, looks at. */
const COUNT = 96;

let folder: string;
let given: ExportedRun;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-export-"));
  given = await exportedRun(folder, COUNT);
  for (const as of EXPORT_FORMATS) await exportRun(path("run"), { to: path(as), as });
  for (const quantize of ["float16", "uint8"] as const)
    await exportRun(path("run"), { to: path(quantize), as: "tfjs", quantize });
  await tf.setBackend("cpu");
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

const raw = (): Tensor => tf.tensor(Float32Array.from(given.faces), [COUNT, 16, 16, 1]);
const json = async (file: string) => (await readTfjsJson(path(file)))!;

async function ofLayers(file: string): Promise<Float32Array> {
  const model = await loadTfjsLayers(await json(file), { path: path(file) });
  return tf.tidy(() => (model.predict(raw()) as Tensor).dataSync() as Float32Array);
}

describe("a run as a model for other tools", () => {
  test("the run has what is to be put into the file", () => {
    expect(given.run.model).toMatchObject({ crop: 12, standardize: true, views: 10 });
    expect(given.run.model!.temperature).toBe(1.7);
  });

  test("tfjs: raw grey levels go in, what the network says of one view comes out, within 1e-5", async () => {
    expect(worst(await ofLayers("tfjs/raw.json"), given.expected)).toBeLessThan(1e-5);
  });

  test("tfjs: network.json is the network alone, over the same weights", async () => {
    const network = await loadTfjsLayers(await json("tfjs/network.json"), { path: path("tfjs/network.json") });
    const own = await given.run.network();
    expect(network.inputs[0]!.shape).toEqual([null, 12, 12, 1]);
    expect(network.getWeights().map((weight) => weight.dataSync())).toEqual(
      own.getWeights().map((weight) => weight.dataSync()),
    );
  });

  test("tfjs: a half or a quarter of the bytes; float16 within 1e-2, uint8 says another class of one in a hundred", async () => {
    expect(worst(await ofLayers("float16/raw.json"), given.expected)).toBeLessThan(1e-2);
    const classes = classesOf(given.expected, 3);
    const others = classesOf(await ofLayers("uint8/raw.json"), 3).filter((each, at) => each !== classes[at]);
    expect(others.length).toBeLessThanOrEqual(COUNT / 100);
    const bytes = (name: string) => readFileSync(path(`${name}/network.bin`)).length;
    expect(bytes("float16")).toBe(bytes("tfjs") / 2);
    expect(bytes("uint8")).toBeLessThan(bytes("tfjs") / 2.5);
  });

  test("tfjs-graph: within 1e-5, for any number of images", async () => {
    const model = await loadTfjsGraph(await json("tfjs-graph/graph.json"), { path: path("tfjs-graph/graph.json") });
    const found = tf.tidy(() => (model.predict(raw()) as Tensor).dataSync());
    expect(worst(found, given.expected)).toBeLessThan(1e-5);
    const one = tf.tidy(() => (model.predict(raw().slice([5, 0, 0, 0], [1, 16, 16, 1])) as Tensor).dataSync());
    expect(worst(one, given.expected.subarray(15, 18))).toBeLessThan(1e-5);
  });

  test.each(["keras/model.keras", "h5/keras.h5"])("%s loads here too, within 1e-5", async (file) => {
    const model = await loadKerasModel(path(file));
    const found = tf.tidy(() => (model.predict(raw()) as Tensor).dataSync());
    expect(worst(found, given.expected)).toBeLessThan(1e-5);
  });

  test("onnx: onnxruntime says the same within 1e-5, for any number of images; class names are in it", async (context) => {
    let runtime: typeof import("onnxruntime-node");
    try {
      runtime = createRequire(import.meta.url)("onnxruntime-node");
    } catch {
      return context.skip();
    }
    const session = await runtime.InferenceSession.create(path("onnx/model.onnx"));
    for (const [from, to] of [
      [0, COUNT],
      [7, 8],
    ] as const) {
      const pixels = Float32Array.from(given.faces.subarray(from * 256, to * 256));
      const image = new runtime.Tensor("float32", pixels, [to - from, 16, 16, 1]);
      const { probabilities } = await session.run({ image });
      const expected = given.expected.subarray(from * 3, to * 3);
      expect(worst(probabilities!.data as Float32Array, expected)).toBeLessThan(1e-5);
    }
    expect(readFileSync(path("onnx/model.onnx")).includes("neutral,anger,happy")).toBe(true);
  });

  test("model.json says what goes in and what comes out, and fits its schema", () => {
    for (const as of EXPORT_FORMATS) {
      const written = JSON.parse(readFileSync(path(`${as}/model.json`), "utf8"));
      expect(ExportedModel.parse(written)).toEqual(written);
      expect(written).toMatchObject({ ...given.run.model, export: { format: as, accuracy: null } });
      expect(written.export.output.calibrated).toBe(true);
      expect(existsSync(path(`${as}/${written.export.file}`))).toBe(true);
    }
  });

  test("equal runs give equal bytes; what is there is kept; another model is not overwritten", async () => {
    expect((await exportRun(path("run"), { to: path("onnx"), as: "onnx" })).reused).toBe(true);
    for (const as of EXPORT_FORMATS) await exportRun(path("run"), { to: path(`again/${as}`), as });
    const content = (name: string) =>
      readdirSync(path(name)).map((file) => [file, readFileSync(path(`${name}/${file}`)).toString("base64")]);
    for (const as of EXPORT_FORMATS) expect(content(`again/${as}`)).toEqual(content(as));
    await expect(exportRun(path("run"), { to: path("onnx"), as: "tfjs" })).rejects.toThrow(/other|another/i);
  }, 60_000);

  test("with a set, the accuracy of the one view stands beside that of the run", async () => {
    const set = await openSet(path("set/tiny"));
    const { model } = await exportRun(path("run"), {
      to: path("measured"),
      as: "tfjs",
      quantize: "uint8",
      set,
      engine: "cpu",
    });
    set.close();
    const { accuracy } = model.export;
    expect(accuracy).toMatchObject({
      part: "test",
      count: 24,
      run: { views: 10, accuracy: given.run.metrics!.accuracy },
      file: { views: 1 },
    });
    expect(accuracy!.file.accuracy).toBeGreaterThan(0.3);
  });

  test("quantised weights are those of tfjs alone", async () => {
    await expect(
      exportRun(path("run"), { to: path("no"), as: "onnx", quantize: "uint8" }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: quantize: uint8, with as onnx. Expected quantised weights as tfjs only.]`,
    );
  });

  test("a file of weights that was cut off, and one elsewhere, are refused", async () => {
    const whole = await json("tfjs/network.json");
    const short = readFileSync(path("tfjs/network.bin")).subarray(4);
    await expect(loadTfjsLayers(whole, { path: "network.json", weights: short })).rejects.toThrow(
      /bytes of weights\. Expected \d+/,
    );
    const elsewhere = { ...whole, weightsManifest: [{ paths: ["../network.bin"], weights: [] }] };
    await writeFile(path("elsewhere.json"), JSON.stringify(elsewhere));
    await expect(loadTfjsLayers(elsewhere, { path: path("elsewhere.json") })).rejects.toThrow(
      /weights in "\.\.\/network\.bin"\. Expected files beside it/,
    );
  });
});

test("half precision is rounded to the nearest, ties to even", () => {
  const values = [
    0,
    -0,
    1,
    -2,
    65504,
    65520,
    1e9,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    2 ** -24,
    2 ** -25,
    2 ** -14,
    6e-5,
    -0.1,
  ];
  // numpy.array(values, "float16").view("uint16")
  expect([...float16Bits(Float32Array.from(values))]).toEqual([
    0, 32768, 15360, 49152, 31743, 31744, 31744, 15360, 15362, 1, 0, 1024, 1007, 44646,
  ]);
});
