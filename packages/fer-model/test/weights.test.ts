/** `@fer/weights`: what it holds is the model that its card names, stored in 8 bits. */
import { expressionNamed, FormatError } from "@fer/core";
import { readTrainingIndex, RunFolder, seenIndexFiles } from "@fer/core/run";
import { readPicture } from "@fer/dataset-extractors/image";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { exportRun, loadModel, openModel, openRun } from "../dist/index.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const faces = join(root, "examples/data/ckplus");

it("fer2013 says what its run says of 28 faces", { timeout: 240_000 }, async () => {
  await tf.setBackend("wasm");
  const folder = mkdtempSync(join(tmpdir(), "fer-weights-"));
  cpSync(join(root, "examples/models/fer2013-hour"), folder, { recursive: true });
  const run = await openRun(folder);
  const files = ["0", "1", "2", "3", "4", "5", "6"].flatMap((label) =>
    readdirSync(join(faces, label))
      .slice(0, 4)
      .map((file) => join(faces, label, file)),
  );
  expect(files).toHaveLength(28);
  const pixels = await run.pixels(files);
  const expected = await run.predict(pixels);
  const model = await loadModel(join(root, "packages/fer-weights/fer2013"));
  const found = await model.predict(pixels);
  model.dispose();
  rmSync(folder, { recursive: true });
  expect(model.model.classes).toEqual(run.model!.classes);
  const far = found.flatMap(({ probabilities }, i) =>
    Object.entries(probabilities).map(([name, value]) => Math.abs(value - expected[i]!.probabilities[name]!)),
  );
  expect(Math.max(...far)).toBeLessThan(0.05);
  expect(found.filter(({ expression }, i) => expression === expected[i]!.expression).length).toBeGreaterThan(26);
});

const data = process.env["FER_DATA"];

it.skipIf(data === undefined)(
  "8 bits cost less than half a point on FER2013's public test, and half precision a tenth (FER_DATA)",
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "fer-bits-"));
    const archive = join(data!, "fer2013-train-and-public.tar.gz");
    execFileSync("tar", ["-xzf", archive, "-C", folder, "test"]);
    cpSync(join(root, "examples/models/fer2013-hour"), join(folder, "run"), { recursive: true });
    const labels = readdirSync(join(folder, "test")).sort();
    const faces = labels.flatMap((label) =>
      readdirSync(join(folder, "test", label)).map((file) => ({ label, file: join(folder, "test", label, file) })),
    );
    expect(faces).toHaveLength(3589);
    const pixels = new Uint8Array(faces.length * 48 * 48);
    for (const [i, { file }] of faces.entries()) pixels.set((await readPicture(file)).data, i * 48 * 48);
    const accuracy: Record<string, number> = {};
    for (const quantize of ["none", "float16", "uint8"] as const) {
      const to = join(folder, quantize);
      await exportRun(join(folder, "run"), { to, as: "tfjs", quantize });
      // the one view that a file is
      const { predictor } = await openModel(join(to, "raw.json"), { engine: "onnx" });
      const found = await predictor.predict(pixels);
      predictor.dispose();
      const right = found.filter(({ expression }, i) => expression === expressionNamed(faces[i]!.label));
      accuracy[quantize] = (100 * right.length) / faces.length;
    }
    rmSync(folder, { recursive: true });
    expect(accuracy["none"]).toBeCloseTo(69.2, 0);
    expect(Math.abs(accuracy["uint8"]! - accuracy["none"]!)).toBeLessThan(0.5);
    expect(Math.abs(accuracy["float16"]! - accuracy["none"]!)).toBeLessThan(0.1);
  },
);

it("knows what it was trained on, in fewer than half a megabyte", async () => {
  const folder = join(root, "packages/fer-weights/fer2013");
  const run = (await readTrainingIndex(await RunFolder.open(join(root, "examples/models/fer2013-hour"))))!;
  const { index, predictor } = await openModel(folder);
  predictor.dispose();
  for (const [name, bytes] of Object.entries(seenIndexFiles(run)))
    expect(Buffer.compare(bytes, readFileSync(join(folder, name)))).toBe(0);
  expect(index!.hasPixels("0".repeat(64))).toBe(false);
  const size = (name: string): number => statSync(join(folder, name)).size;
  expect(size("seen-images.npy") + size("seen-groups.npy")).toBeLessThan(500_000);
});

it("what is no package with a model is refused", async () => {
  await expect(loadModel("@fer/no-such")).rejects.toThrow(FormatError);
});
