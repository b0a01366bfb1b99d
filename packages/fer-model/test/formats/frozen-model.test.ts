/** A frozen model says what the model says; `loadModel` opens whatever `fer export` writes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTrainingIndex, RunFolder } from "@fer/core/run";
import { exportRun, type FacePredictor, freezeModel, isModel, loadModel, openFrozenModel, openModel } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ExportedRun, exportedRun, worst } from "./exported-run.ts";

const COUNT = 24;

let folder: string;
let given: ExportedRun;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-frozen-"));
  given = await exportedRun(folder, COUNT);
  for (const as of ["tfjs", "onnx", "h5"] as const) await exportRun(path("run"), { to: path(as), as });
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

/** Probabilities of the faces, and the model is let go. */
async function said(model: FacePredictor): Promise<Float32Array> {
  const found = await model.predict(given.faces);
  model.dispose();
  return Float32Array.from(found.flatMap(({ probabilities }) => Object.values(probabilities)));
}

test.each(["run", "tfjs"])("of all views says what the model of %s says, within 1e-5", async (name) => {
  const expected = await said(await loadModel(path(name), { engine: "cpu" }));
  const frozen = await freezeModel(path(name));
  expect(frozen!.model).toMatchObject({ views: 10, crop: 12, standardize: true });
  expect(worst(await said(await openFrozenModel(frozen!)), expected)).toBeLessThan(1e-5);
});

test("of one view says what the exported file says, within 1e-6, and of two their mean", async () => {
  const one = await freezeModel(path("run"), { views: 1 });
  expect(one!.model).toMatchObject({ views: 1, standardize: false, temperature: 1.7 });
  expect(worst(await said(await openFrozenModel(one!)), given.expected)).toBeLessThan(1e-5);
  const file = await said(await loadModel(path("onnx/model.onnx")));
  expect(worst(await said(await openFrozenModel(one!)), file)).toBeLessThan(1e-6);
  const two = await freezeModel(path("run"), { views: 2 });
  expect(two!.model.views).toBe(2);
  expect(worst(await said(await openFrozenModel(two!)), given.expected)).toBeGreaterThan(1e-4);
});

test("loadModel opens a folder of every export, and a file; neither can be frozen where it may be a graph", async () => {
  const file = await said(await loadModel(path("onnx/model.onnx")));
  expect(worst(await said(await loadModel(path("onnx"))), file)).toBe(0);
  expect(worst(await said(await loadModel(path("h5"))), file)).toBeLessThan(1e-4);
  for (const name of ["onnx", "onnx/model.onnx", "h5"]) expect(await freezeModel(path(name))).toBeNull();
});

test("one rule for all who measure: a folder that holds the network is all views, a file and any other export is one", async () => {
  const ten = await said(await loadModel(path("run")));
  const folder = await openModel(path("tfjs"));
  expect(folder).toMatchObject({ format: "export of a run (the mean of 10 views)", trainedOn: "a run of fer" });
  expect(worst(await said(folder.predictor), ten)).toBeLessThan(1e-5);
  for (const [name, format] of [
    ["tfjs/raw.json", "TensorFlow.js layers model"],
    ["onnx", "ONNX"],
    ["onnx/model.onnx", "ONNX"],
    ["h5", "Keras model"],
  ] as const) {
    const one = await openModel(path(name));
    expect(one.format).toBe(format);
    expect(worst(await said(one.predictor), given.expected)).toBeLessThan(1e-4);
    expect(await isModel(path(name))).toBe(true);
  }
  expect(await isModel(path("nothing"))).toBe(false);
  await expect(openModel(path("tfjs"), { scale: 1 })).rejects.toThrow(
    /^scale: given for .*tfjs, which says it by itself/,
  );
});

test("views can be fewer than those of the model", async () => {
  const one = await said(await loadModel(path("tfjs"), { views: 1 }));
  // the file does not round standardised levels to whole ones
  expect(worst(one, given.expected)).toBeLessThan(2e-3);
  expect(worst(await said(await loadModel(path("run"), { views: 1 })), one)).toBeLessThan(1e-5);
  expect((await loadModel(path("run"), { views: 2 })).model.views).toBe(2);
});

test("an export knows what its run has seen", async () => {
  const run = (await readTrainingIndex(await RunFolder.open(path("run"))))!;
  for (const name of ["tfjs", "onnx", "h5/keras.h5"]) {
    const { index, predictor } = await openModel(path(name));
    predictor.dispose();
    expect(index!.hasPixels("0".repeat(64))).toBe(false);
    for (const group of run.groups) expect(index!.groups.has(group)).toBe(true);
    expect(index!.hasNear === null).toBe(run.hasNear === null);
  }
});
