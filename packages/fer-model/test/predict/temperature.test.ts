/** Temperature scaling, against scipy 1.17.1 and numpy 2.4.6, and what a run makes of it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argMaxRows, labelLoss, softened } from "@fer/core/inference";
import { ModelInfo, Outcome } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, type Run } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePredictions } from "../../dist/predict/predictions-file.js";
import { fitTemperature, surenessOf } from "../../dist/predict/temperature.js";
import { calibrate } from "../../dist/train/calibrate.js";
import { tinySet } from "../tiny-set.ts";

const turn = async () => {};

/** 300 rows of four classes: softmax(scale * (2 sin(1.7 row + 2.3 class) + 1.2 [class is the label])) as float32. */
function rows(scale: number): { probabilities: Float32Array; labels: number[] } {
  const labels = Array.from({ length: 300 }, (_, row) => row % 4);
  const probabilities = labels.flatMap((label, row) => {
    const powers = [0, 1, 2, 3].map((at) =>
      Math.exp(scale * (2 * Math.sin(1.7 * row + 2.3 * at) + (at === label ? 1.2 : 0))),
    );
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  });
  return { probabilities: Float32Array.from(probabilities), labels };
}

// scipy.optimize.minimize_scalar(mean NLL of softmax(ln p / T), bounds=(0.05, 20), method="bounded"); ECE of 15 bins in numpy
test.each([
  { scale: 1, temperature: 2.1499371685745254, before: [1.3574646847910503, 0.2650824758410454] },
  { scale: 4, temperature: 8.599748366586235, before: [3.834001140764376, 0.4796253689130147] },
])("the temperature is scipy's, of logits times $scale", async ({ scale, temperature, before }) => {
  const said = rows(scale);
  const found = (await fitTemperature(said, turn))!;
  expect(found / temperature).toBeCloseTo(1, 6);
  expect(surenessOf(said).loss).toBeCloseTo(before[0]!, 5);
  expect(surenessOf(said).calibrationError).toBeCloseTo(before[1]!, 6);
  const after = surenessOf({
    ...said,
    probabilities: softened(said.probabilities, { classes: 4, temperature: found }),
  });
  expect(after.loss).toBeCloseTo(1.1876214862490533, 6);
  expect(after.calibrationError).toBeCloseTo(0.2168513150416114, 6);
});

test("probabilities that are right as they are get a temperature of 1", async () => {
  const said = rows(1);
  const tempered = softened(said.probabilities, { classes: 4, temperature: (await fitTemperature(said, turn))! });
  expect(await fitTemperature({ ...said, probabilities: tempered }, turn)).toBeCloseTo(1, 5);
});

test("there is none where no one is best, and none of too little", async () => {
  const right = Float32Array.of(0.7, 0.3, 0.4, 0.6);
  expect(await fitTemperature({ probabilities: right, labels: [0, 1] }, turn)).toBeNull();
  expect(await fitTemperature({ probabilities: right, labels: [1, 0] }, turn)).toBeNull();
  expect(await fitTemperature({ probabilities: new Float32Array(0), labels: [] }, turn)).toBeNull();
  // Two of three right: p^(1 / T) is 2/3.
  const sure = Float32Array.of(0.999, 0.001, 0.001, 0.999, 0.999, 0.001);
  expect(await fitTemperature({ probabilities: sure, labels: [0, 1, 1] }, turn)).toBeCloseTo(
    Math.log(999) / Math.log(2),
    3,
  );
  expect(await calibrate(null, { count: 0 })).toMatchInlineSnapshot(`
    {
      "reason": "there is no validation part",
      "temperature": null,
    }
  `);
  expect(await calibrate(null, { count: 30 })).toMatchInlineSnapshot(`
    {
      "reason": "the validation part has 30 images, and it takes 200",
      "temperature": null,
    }
  `);
  expect(await calibrate({ probabilities: right, labels: [0, 1] }, { count: 2 })).toMatchInlineSnapshot(`
    {
      "reason": "none is best for the validation part: all of it is right, or the network tells nothing apart",
      "temperature": null,
    }
  `);
});

describe("a run", () => {
  const base = {
    architecture: "tiny",
    engine: "cpu",
    epochs: 3,
    learningRate: 0.02,
    batchSize: 16,
    report: false,
    baselines: false,
    views: 2,
  } as const;
  let folder: string;
  let set: AssembledSet;
  let run: Run;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fer-temperature-"));
    set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 204, test: 60 } });
    run = await new FerTrainer({ ...base, to: join(folder, "run") }).fit(set);
  });
  afterAll(async () => {
    set.close();
    await rm(folder, { recursive: true });
  });
  const json = async (file: string) => JSON.parse(await readFile(join(folder, "run", file), "utf8"));

  test("keeps the temperature that its validation part asks for, and predicts with it", async () => {
    const { calibration } = Outcome.parse(await json("outcome.json"));
    const { temperature } = ModelInfo.parse(await json("model.json"));
    if (calibration === undefined || calibration.temperature === null) throw new Error("not calibrated");
    expect([calibration.temperature, calibration.count]).toEqual([temperature, 204]);
    expect(calibration.after.loss).toBeLessThan(calibration.before.loss);

    // what it says about the validation part cannot be bettered by another temperature
    const val = await set.part("val").read(Uint32Array.from({ length: 204 }, (_, i) => i));
    const said = Float32Array.from((await run.predict(val)).flatMap((each) => Object.values(each.probabilities)));
    const labels = await set.part("val").labels();
    expect(await fitTemperature({ probabilities: said, labels }, turn)).toBeCloseTo(1, 4);
    expect(labelLoss(said, labels)).toBeCloseTo(calibration.after.loss, 6);
    const raw = softened(said, { classes: 3, temperature: 1 / temperature! });
    expect(labelLoss(raw, labels)).toBeCloseTo(calibration.before.loss, 5);
  });

  test("is tested with it, says what it would be without, and predicts the same", async () => {
    const metrics = await run.evaluate(set);
    expect(metrics).toEqual({ ...run.metrics, baselines: null });
    const { probabilities, predicted, truth } = parsePredictions(
      await readFile(join(folder, "run", "predictions.csv"), "utf8"),
      metrics.classes,
    );
    const raw = softened(probabilities, { classes: 3, temperature: 1 / run.model!.temperature! });
    expect([...argMaxRows(raw, 3)]).toEqual(predicted);
    expect(labelLoss(Float32Array.from(probabilities), truth)).toBeCloseTo(metrics.loss, 4);
    const without = surenessOf({ probabilities: raw, labels: truth });
    expect(without.loss).toBeCloseTo(metrics.uncalibrated!.loss, 4);
    expect(without.calibrationError).toBeCloseTo(metrics.uncalibrated!.calibrationError, 4);
    expect(metrics.certainty!.calibrationError).not.toBe(metrics.uncalibrated!.calibrationError);
  });

  test("without a validation part it has none, and says so", async () => {
    const options = { ...base, epochs: 1, valShare: 0, to: join(folder, "bare") };
    const few = await tinySet(join(folder, "few"), { name: "few" });
    const bare = await new FerTrainer(options).fit(few);
    expect(bare.outcome!.calibration).toEqual({ temperature: null, reason: "there is no validation part" });
    expect([bare.model!.temperature, bare.metrics!.uncalibrated]).toEqual([undefined, undefined]);
    few.close();
  });

  test("of folds each has its own, and the pooled error without it is that of all", async () => {
    const folded = await tinySet(join(folder, "folded"), { name: "folded", folds: 2, parts: { all: 900 } });
    const options = { ...base, epochs: 2, valShare: 0.5, to: join(folder, "folds") };
    const folds = await new FerTrainer(options).fit(folded);
    const texts = [];
    for (const name of ["fold-01", "fold-02"]) {
      const { temperature } = ModelInfo.parse(
        JSON.parse(await readFile(join(folds.folder, name, "model.json"), "utf8")),
      );
      const said = parsePredictions(
        await readFile(join(folds.folder, name, "predictions.csv"), "utf8"),
        folds.metrics!.classes,
      );
      texts.push({ temperature: temperature!, ...said });
    }
    expect(texts[0]!.temperature).not.toBe(texts[1]!.temperature);
    const probabilities = texts.flatMap((each) => [
      ...softened(each.probabilities, { classes: 3, temperature: 1 / each.temperature }),
    ]);
    const labels = texts.flatMap((each) => each.truth);
    const { loss, calibrationError } = surenessOf({ probabilities: Float32Array.from(probabilities), labels });
    expect(folds.metrics!.uncalibrated!.loss).toBeCloseTo(loss, 3);
    expect(folds.metrics!.uncalibrated!.calibrationError).toBeCloseTo(calibrationError, 9);
    folded.close();
  });
});
