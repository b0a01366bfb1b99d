/** Needs FER_PYTHON: a Python with h5py, tf_keras and TensorFlow (see .ci/requirements.txt). */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { architectures } from "../../dist/architectures/index.js";
import { loadKerasModel, saveKerasModel } from "../../dist/formats/index.js";
import { tf } from "@fer/tfjs-graph";
import type { Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Consumed {
  listed: [layer: string, weights: string[]][];
  expected: [layer: string, weights: string[]][];
  predictions: number[];
}

describe.skipIf(!process.env["FER_PYTHON"])("Keras 2 and h5py (FER_PYTHON)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-consumer-"));
  const ours = new Map<string, number[]>();
  let theirs: Record<string, Consumed>;

  const noise = () => tf.randomUniform([4, 48, 48, 1], 0, 1, "float32", 5);

  beforeAll(async () => {
    await tf.setBackend("cpu");
    for (const [name, architecture] of Object.entries(architectures)) {
      const model = architecture.build({ seed: 9 });
      model.setWeights(
        model.getWeights().map((w, at) => w.add(tf.randomUniform(w.shape, -0.02, 0.02, "float32", at + 1))),
      );
      await saveKerasModel(model, join(folder, name));
      const inputs = noise();
      writeFileSync(join(folder, `${name}.inputs.bin`), inputs.dataSync() as Float32Array);
      ours.set(name, Array.from((model.predict(inputs) as Tensor).dataSync()));
      model.dispose();
    }
    const script = fileURLToPath(new URL("keras.py", import.meta.url));
    const printed = execFileSync(process.env["FER_PYTHON"]!, [script, folder, ...ours.keys()], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    theirs = JSON.parse(printed);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  describe.each(Object.keys(architectures))("%s", (name) => {
    test("h5py lists the layer and weight names that Keras itself would write", () => {
      expect(theirs[name]!.listed).toEqual(theirs[name]!.expected);
      expect(theirs[name]!.listed.flatMap(([, weights]) => weights)).toContain("conv2d/kernel:0");
    });

    test("Keras predicts the same to 1e-6", () => {
      // A saturated output would hide differences.
      expect(Math.max(...ours.get(name)!)).toBeLessThan(0.9);
      const worst = Math.max(...ours.get(name)!.map((p, at) => Math.abs(p - theirs[name]!.predictions[at]!)));
      expect(worst).toBeLessThan(1e-6);
    });

    test("a whole model that Keras saved is read back to the same predictions", async () => {
      const model = await loadKerasModel(join(folder, `${name}.whole.h5`));
      expect(Array.from((model.predict(noise()) as Tensor).dataSync())).toEqual(ours.get(name));
    });
  });
});
