/** A small run with all that an export has to put into a file: standardised, cropped, calibrated; and faces for it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acceptDamages, artifactAt, keyedRandom } from "@fer/core";
import { FerTrainer, openRun, type Run } from "@fer/model";
import { selectEngine } from "../../dist/engine/select.js";
import { singleViewInput } from "../../dist/formats/single-view.js";
import { PREDICT_ONLY, predictRows } from "../../dist/predict/predict.js";
import { tinySet } from "../tiny-set.ts";

export interface ExportedRun {
  run: Run;
  /** `[count, 16, 16, 1]`. */
  faces: Uint8Array;
  count: number;
  /** What the network says of their one view, `[count, 3]`, by an engine that knows no file. */
  expected: Float32Array;
}

/** Trains it below a folder. */
export async function exportedRun(folder: string, count: number): Promise<ExportedRun> {
  const set = await tinySet(join(folder, "set"), { size: 16, parts: { train: 96, val: 48, test: 24 } });
  try {
    const trained = await new FerTrainer({
      architecture: "resnet",
      net: { width: 4, depth: 1, squeezeExcitation: true, activation: "silu", dropout: 0.1 },
      crop: 12,
      engine: "cpu",
      epochs: 2,
      batchSize: 16,
      learningRate: 0.02,
      report: false,
      to: join(folder, "run"),
    }).fit(set);
    // A training this short finds no temperature.
    const model = { ...trained.model!, temperature: 1.7 };
    await writeFile(join(trained.folder, "model.json"), JSON.stringify(model));
    await acceptDamages(await artifactAt(trained.folder));
    const run = await openRun(trained.folder);
    const next = keyedRandom(3, "faces");
    const faces = new Uint8Array(count * 256);
    for (let row = 0; row < count; row++) {
      const [light, contrast] = [60 + 120 * next(), 10 + 90 * next()];
      for (let at = 0; at < 256; at++)
        faces[row * 256 + at] = Math.max(0, Math.min(255, light + contrast * (next() - 0.5)));
    }
    // Blank ones divide by nothing.
    faces.fill(0, 0, 256).fill(200, 256, 512);
    const network = await run.network();
    const { engine } = await selectEngine("cpu");
    const step = await engine.prepare({ ...PREDICT_ONLY, model: network, input: { scale: 1, offset: 0 } });
    const view = { predict: (images: Uint8Array, rows: number) => step.predict(singleViewInput(images, model), rows) };
    const plain = await predictRows(view, { images: faces, count });
    step.dispose();
    network.dispose();
    return {
      run,
      faces,
      count,
      expected: softer(plain, { classes: model.classes.length, temperature: model.temperature }),
    };
  } finally {
    set.close();
  }
}

function softer(rows: Float32Array, { classes, temperature }: { classes: number; temperature: number }): Float32Array {
  const powers = rows.map((value) => value ** (1 / temperature));
  return powers.map((value, at) => {
    const from = Math.floor(at / classes) * classes;
    return value / powers.subarray(from, from + classes).reduce((sum, each) => sum + each, 0);
  });
}

export const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length
    ? Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)))
    : Number.POSITIVE_INFINITY;

/** Index of the greatest of each row. */
export const classesOf = (rows: ArrayLike<number>, classes: number): number[] =>
  Array.from({ length: rows.length / classes }, (_, row) => {
    const values = Array.from({ length: classes }, (__, at) => rows[row * classes + at]!);
    return values.indexOf(Math.max(...values));
  });
