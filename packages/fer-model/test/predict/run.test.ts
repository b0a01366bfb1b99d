import { HistoryRow, Metrics, ModelInfo, RunConfig } from "@fer/core/run";
import { FerTrainer, openRun, type Run, TrainerOptions } from "@fer/model";
import type { AssembledSet } from "@fer/core/set";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { z } from "zod";
import { join } from "node:path";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

let folder: string;
let set: AssembledSet;
let run: Run;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-run-"));
  set = await tinySet(path("set"));
  const options = {
    architecture: "tiny",
    engine: "cpu",
    epochs: 12,
    batchSize: 16,
    learningRate: 0.02,
    report: false,
  } as const;
  run = await new FerTrainer({ ...options, augmentation: null, to: path("run") }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const json = async (file: string) => JSON.parse(await readFile(path(file), "utf8"));

describe("Run", () => {
  test("its files fit the published schemas", async () => {
    expect(RunConfig.parse(await json("run/config.json"))).toEqual(run.config);
    expect(ModelInfo.parse(await json("run/model.json"))).toMatchObject({
      size: 8,
      channels: 1,
      scale: 1 / 127.5,
      offset: -1,
      standardize: true,
      views: 10,
    });
    expect(Metrics.parse(await json("run/metrics.json"))).toEqual(run.metrics);
    const lines = (await readFile(path("run/history.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => HistoryRow.parse(JSON.parse(line)))).toEqual(run.history);
  });

  test("its schemas and the trainer's options give JSON Schemas, with a description for each option", () => {
    for (const schema of [RunConfig, ModelInfo, Metrics, HistoryRow]) {
      expect(z.toJSONSchema(schema)).toMatchObject({ type: "object" });
    }
    const { properties } = z.toJSONSchema(TrainerOptions, { io: "input" });
    const without = Object.entries(properties!).filter(
      ([, value]) => (value as { description?: string }).description === undefined,
    );
    expect(without).toEqual([]);
  });

  test("its metrics follow from its predictions", async () => {
    const [header, ...rows] = (await readFile(path("run/predictions.csv"), "utf8")).trim().split("\n");
    expect(header).toBe("id,truth,predicted,majority,ridge,p_neutral,p_anger,p_happy");
    const cells = rows.map((row) => row.split(","));
    expect(cells.filter(([, truth, predicted]) => truth === predicted).length / cells.length).toBe(
      run.metrics!.accuracy,
    );
    expect(cells.filter(([, truth, , , ridge]) => truth === ridge).length / cells.length).toBe(
      run.metrics!.baselines!.ridge!.accuracy,
    );
    for (const row of cells) expect(row.slice(5).reduce((sum, p) => sum + Number(p), 0)).toBeCloseTo(1, 5);
  });

  test("evaluating its own test part again gives its metrics, and keeps them", async () => {
    const metrics = await run.evaluate(set, { part: "test" });
    expect(metrics).toEqual({ ...run.metrics, baselines: null });
    expect(await json("run/evaluations/tiny-test.json")).toEqual(metrics);
  });

  test("two evaluations at a time are both kept, and known to the manifest", async () => {
    const copy = await run.save(path("evaluated"));
    await Promise.all([copy.evaluate(set, { part: "train" }), copy.evaluate(set, { part: "test" })]);
    const files = Object.keys((await json("evaluated/manifest.json")).files);
    expect(files).toEqual(expect.arrayContaining(["evaluations/tiny-test.json", "evaluations/tiny-train.json"]));
    await openRun(path("evaluated"));
  });

  test("refuses to evaluate on a set whose files have changed, and stops between two batches", async () => {
    const other = await tinySet(path("changed-set"), { name: "changed" });
    const file = path("changed-set/changed_test_images.npy");
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    await expect(run.evaluate(other)).rejects.toMatchObject({ code: "CHANGED" });
    other.close();
    const stopped = run.evaluate(set, { signal: AbortSignal.abort(new Error("enough")) });
    await expect(stopped).rejects.toThrow("enough");
  });

  test("predicts images with the same probabilities as in predictions.csv", async () => {
    const predictions = await run.predict(await set.part("test").read([0, 5]));
    const rows = (await readFile(path("run/predictions.csv"), "utf8")).split("\n");
    for (const [i, at] of [0, 5].entries()) {
      const cells = rows[at + 1]!.split(",");
      expect(predictions[i]!.expression).toBe(cells[2]);
      expect(predictions[i]!.probabilities["anger"]!.toFixed(5)).toBe(Number(cells[6]).toFixed(5));
      expect(predictions[i]!.confidence).toBe(Math.max(...Object.values(predictions[i]!.probabilities)));
    }
  });

  test("is the same after saving and opening", async () => {
    const saved = await run.save(path("saved"));
    expect(await tree(path("saved"))).toEqual(await tree(path("run")));
    expect(saved.metrics).toEqual(run.metrics);
  });
});

describe("bad input", () => {
  const message = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => new Error("no error"),
      (error: Error) => error,
    );
    return error.message.replaceAll(folder, "<folder>").replaceAll("\\", "/");
  };

  test("a predictor opens the network once and says what the run says", async () => {
    const predictor = await run.predictor();
    const pixels = await set.part("test").read([0, 5]);
    const both = await run.predict(pixels);
    expect(await predictor.predict(pixels)).toEqual(both);
    expect(await predictor.predict(pixels.subarray(64))).toEqual(both.slice(1));
    predictor.dispose();
    predictor.dispose();
    expect(await message(predictor.predict(pixels))).toMatchInlineSnapshot(
      `"predictor: it was disposed of. Open another one."`,
    );
  });

  test("refuses a set of other classes", async () => {
    const other = await tinySet(path("other-set"), { classes: ["neutral", "sad", "happy"], name: "other" });
    expect(await message(run.evaluate(other))).toMatchInlineSnapshot(
      `"set other: the classes neutral, sad, happy. Expected those of the model: neutral, anger, happy. Assemble the set with the model's classes."`,
    );
    other.close();
  });

  test("refuses a set of another image size", async () => {
    const large = await tinySet(path("large-set"), { size: 12, name: "large" });
    expect(await message(run.evaluate(large))).toMatchInlineSnapshot(
      `"set large: images of 12 x 12 x 1. Expected those of the model: 8 x 8 x 1. Assemble the set in the model's size."`,
    );
    large.close();
  });

  test("refuses images that are no whole number of images", async () => {
    expect(await message(run.predict(new Uint8Array(100)))).toMatchInlineSnapshot(
      `"images: 100 values. Expected a multiple of 64: images of 8 x 8 x 1, one after another. Cut out the face, make it grey and resize it first; the bytes of a picture file are passed as a Buffer."`,
    );
  });

  test("refuses to save over something", async () => {
    expect(await message(run.save(path("set")))).toMatchInlineSnapshot(
      `"save: "<folder>/set" holds 7 entries (first "tiny.json") and not what save writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
    );
  });

  test("refuses a folder that is no run", async () => {
    await mkdir(path("empty"));
    expect(await message(openRun(path("empty")))).toMatchInlineSnapshot(
      `"<folder>/empty/config.json: no such file. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first."`,
    );
  });

  test("names the damaged file of a run", async () => {
    await run.save(path("damaged"));
    await writeFile(path("damaged/metrics.json"), '{"schema":1}');
    expect(
      (await message(openRun(path("damaged")))).replace(/instead of \d+/, "instead of <bytes>"),
    ).toMatchInlineSnapshot(
      `"<folder>/damaged/metrics.json: it has 12 bytes instead of <bytes>. Expected the file as it was written. Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept."`,
    );
  });

  test("a run of folds has nothing to predict with", async () => {
    const options = {
      architecture: "tiny",
      engine: "cpu",
      epochs: 1,
      report: false,
      to: path("folds"),
    } as const;
    const folded = await tinySet(path("folded-set"), { folds: 2 });
    const folds = await new FerTrainer(options).fit(folded);
    folded.close();
    expect(await message(folds.predict(new Uint8Array(64)))).toMatchInlineSnapshot(
      `"<folder>/folds: a run of folds, which has a model in each fold and none of its own. Expected a run with weights. Pass one of its folds, such as <folder>/folds/fold-01, or train on a set of parts."`,
    );
  });
});
