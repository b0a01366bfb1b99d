/** `@fer/weights`: what it holds is the model that its card names, stored in 8 bits. */
import { FormatError } from "@fer/core";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadModel, openRun } from "../dist/index.js";

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

it("what is no package with a model is refused", async () => {
  await expect(loadModel("@fer/no-such")).rejects.toThrow(FormatError);
});
