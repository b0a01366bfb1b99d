/** Needs FER_DATA: the Keras files of other people in `keras-models` are read, predict, and are trained further. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactAt } from "@fer/core";
import { describeModelFile, evaluateModel, FerTrainer, openModelFile } from "@fer/model";
import { afterAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";

const data = process.env["FER_DATA"];
const at = (name: string): string => join(data ?? "", "keras-models", name);
/** Order of FER2013's own codes. */
const OWN = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const FILES = [
  // Of the original framework: eight outputs, whose last one no class has.
  {
    file: "CNN_model.json",
    size: 48,
    classes: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise", "contempt"],
    parameters: 427_624,
  },
  { file: "fer2013_mini_XCEPTION.102-0.66.hdf5", size: 64, classes: OWN, parameters: 58_423 },
  { file: "fer_model.keras", size: 64, classes: OWN, parameters: 58_423 },
] as const;

describe.skipIf(data === undefined)("Keras files of other people (FER_DATA)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-keras-models-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("the files are there, and none of them is taken for a set", async () => {
    expect(readdirSync(at(""))).toEqual(expect.arrayContaining(FILES.map(({ file }) => file)));
    for (const { file } of FILES) await expect(artifactAt(at(file))).rejects.toThrow("it is not an image folder");
  });

  test.for(FILES)(
    "$file is described, predicts, and learns",
    { timeout: 240_000 },
    async ({ file, size, classes, parameters }) => {
      const described = await describeModelFile(at(file));
      expect(described).toMatchObject({ input: { size, channels: 1 }, outputs: classes.length, parameters });

      const set = await tinySet(join(folder, file), {
        size,
        classes: classes.slice(0, 7),
        parts: { train: 14, val: 7, test: 14 },
      });
      const told = { classes: [...classes], scale: 1 / 127.5, offset: -1 };
      const { predictor } = await openModelFile(at(file), { ...told, engine: "auto" });
      const { probabilities } = await evaluateModel({ predictor, index: null }, { set });
      predictor.dispose();
      for (let row = 0; row < 14; row++)
        expect(probabilities.slice(row * 7, row * 7 + 7).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 4);

      // Overfitted to 14 images that show nothing but where a bright patch lies: the loss falls from the first epoch on.
      const options = {
        engine: "auto",
        epochs: 3,
        batchSize: 7,
        learningRate: 1e-3,
        augmentation: null,
        report: false,
        baselines: false,
      } as const;
      const run = await new FerTrainer({ ...options, from: at(file), to: join(folder, `run-${file}`) }).fit(set);
      const losses = run.history.map(({ loss }) => loss);
      expect(losses).toHaveLength(3);
      expect(losses[2]!).toBeLessThan(losses[0]!);
      expect(run.config.start).toMatchObject({ architecture: "custom" });
      set.close();
    },
  );
});
