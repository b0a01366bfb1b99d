import type { FerError } from "@fer/core";
import { Manifest } from "@fer/core/artifact";
import { type HistoryRow, readTrainingIndex, RunFolder } from "@fer/core/run";
import { engines, FerTrainer, openRun } from "@fer/model";
import type { AssembledSet } from "@fer/core/set";
import * as tf from "@tensorflow/tfjs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

let folder: string;
let set: AssembledSet;
/** The same in folds, by their number. */
const folded: Record<number, AssembledSet> = {};
const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 4,
  batchSize: 16,
  learningRate: 0.02,
  augmentation: null,
  report: false,
  // Which side the patch is on is the label here.
  views: 1,
  weights: "best",
} as const;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-trainer-"));
  set = await tinySet(join(folder, "set"));
  for (const folds of [2, 3, 4]) folded[folds] = await tinySet(join(folder, `set-${folds}`), { folds });
});
afterAll(async () => {
  for (const each of [set, ...Object.values(folded)]) each.close();
  await rm(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);

const withoutFolder = (error: Error): never => {
  throw new Error(error.message.replaceAll(folder, "<folder>"));
};

describe("fit", () => {
  test("learns the bright patch and leaves a whole run folder, report included", async () => {
    const run = await new FerTrainer({ ...base, epochs: 25, report: true, to: path("learns") }).fit(set);
    expect(run.metrics!.accuracy).toBe(1);
    expect(run.history.at(-1)!.loss).toBeLessThan(run.history[0]!.loss / 2);
    expect(run.metrics).toMatchObject({ part: "test", count: 16, weights: "best" });
    expect(await readdir(run.folder)).toEqual(expect.arrayContaining(RUN_FOLDER));
    expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("carves validation out of train by group, and never trains or validates on test", async () => {
    const run = await new FerTrainer({ ...base, valShare: 0.25, to: path("carved") }).fit(set);
    const { train, val, test } = run.config.samples;
    expect(train + val).toBe(48);
    expect(val % 4).toBe(0);
    expect(val).toBeGreaterThan(0);
    expect(test).toBe(16);
  });

  test("takes the set's own val part where it has one", async () => {
    const own = await tinySet(path("with-val"), { parts: { train: 32, val: 8, test: 8 } });
    const run = await new FerTrainer({ ...base, epochs: 1, to: path("own-val") }).fit(own);
    expect(run.config.samples).toEqual({ train: 32, val: 8, test: 8 });
    own.close();
  });

  test("without validation the last weights are taken", async () => {
    const run = await new FerTrainer({ ...base, epochs: 2, valShare: 0, to: path("no-val") }).fit(set);
    expect(run.outcome).toMatchObject({ bestEpoch: null, weights: "last" });
    expect(run.history[0]).toMatchObject({ val_loss: null, val_accuracy: null });
    expect(await readFile(path("no-val/history.csv"), "utf8")).toMatch(
      /^epoch,loss,accuracy,val_loss,val_accuracy,val_macro_f1,learning_rate\n1,[\d.]+,[\d.]+,,,,[\d.]+\n2,/,
    );
  });

  test("by default a small validation part does not choose the epoch", async () => {
    const run = await new FerTrainer({ ...base, weights: "auto", to: path("auto") }).fit(set);
    expect(run.outcome!.bestEpoch).not.toBeNull();
    expect(run.outcome!.weights).toBe("last");
    expect(run.metrics!.weights).toBe("last");
  });

  test("trains a set without a test part, and has no metrics then", async () => {
    const own = await tinySet(path("train-only"), { parts: { train: 24 } });
    const run = await new FerTrainer({ ...base, epochs: 1, to: path("untested") }).fit(own);
    expect(run.metrics).toBeNull();
    own.close();
  });

  test("stops early when the monitor stalls, and says why", async () => {
    const options = { ...base, epochs: 30, patience: 2, learningRate: 1e-9, to: path("early") };
    const run = await new FerTrainer(options).fit(set);
    expect(run.outcome!.stopped).toMatchInlineSnapshot(`"val_accuracy has not improved since epoch 1"`);
    expect(run.history.length).toBe(3);
  });

  test("a network, a callback and an augmentation of one's own are taken by value", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 1] }),
        tf.layers.dense({
          units: 3,
          activation: "softmax",
          kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
        }),
      ],
    });
    const before = Array.from(model.getWeights()[0]!.dataSync());
    const rows: HistoryRow[] = [];
    let painted = 0;
    const run = await new FerTrainer({ ...base, epochs: 5, to: path("own") }).fit(set, {
      model,
      callbacks: [
        {
          name: "own",
          onEpochEnd: (row, control) => {
            rows.push(row);
            if (row.epoch === 2) control.stop("enough for now");
          },
        },
      ],
      augmentations: [{ name: "own", paint: () => void painted++ }],
    });
    expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(run.outcome!.stopped).toBe("enough for now");
    expect(painted).toBe(2 * run.config.samples.train);
    expect(run.model!.architecture).toBe("custom");
    expect(Array.from(model.getWeights()[0]!.dataSync())).toEqual(before);
  });

  test("class weights, mixup, SGD, averaged weights and clipping train too", async () => {
    const run = await new FerTrainer({
      ...base,
      epochs: 2,
      classWeights: "balanced",
      mixup: 0.2,
      ema: 0.9,
      clipNorm: 1,
      optimizer: { name: "sgd" },
      schedule: { name: "plateau", patience: 1 },
      to: path("all-options"),
    }).fit(set);
    expect(run.history.length).toBe(2);
    expect(Number.isFinite(run.history[1]!.loss)).toBe(true);
  });
});

describe("determinism and restarts", () => {
  test("the same training twice leaves the same bytes", async () => {
    const options = { ...base, augmentation: {} };
    await new FerTrainer({ ...options, to: path("twice-1") }).fit(set);
    await new FerTrainer({ ...options, to: path("twice-2") }).fit(set);
    expect(await tree(path("twice-2"))).toEqual(await tree(path("twice-1")));
  });

  test("another seed gives other weights", async () => {
    await new FerTrainer({ ...base, epochs: 1, seed: 1, to: path("seed-1") }).fit(set);
    await new FerTrainer({ ...base, epochs: 1, seed: 2, to: path("seed-2") }).fit(set);
    expect((await tree(path("seed-1")))["best.h5"]).not.toEqual((await tree(path("seed-2")))["best.h5"]);
  });

  test.each([1, 2, 3, 5, 8, 11])("aborted at step %i and started again it ends with the same bytes", async (steps) => {
    const options = { ...base, patience: 3, schedule: { name: "plateau", patience: 1 }, augmentation: {} } as const;
    await new FerTrainer({ ...options, to: path(`whole-${steps}`) }).fit(set);
    const interrupted = new FerTrainer({ ...options, to: path(`interrupted-${steps}`) });
    const controller = new AbortController();
    let done = 0;
    const callbacks = [
      { name: "abort", onStepEnd: () => void (++done === steps && controller.abort(new Error("Ctrl-C"))) },
    ];
    await expect(interrupted.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringContaining("goes on where it was stopped"),
    });
    // Heard after the step in which it came.
    expect(done).toBe(steps);
    await expect(openRun(path(`interrupted-${steps}`))).rejects.toThrow("no such file");
    const after: number[] = [];
    const listen = {
      name: "listen",
      onStepEnd: ({ epoch, step }: { epoch: number; step: number }) => void after.push((epoch - 1) * 3 + step),
    };
    await interrupted.fit(set, { callbacks: [listen] });
    // No step is done twice.
    expect(after[0]).toBe(steps + 1);
    expect(await tree(path(`interrupted-${steps}`))).toEqual(await tree(path(`whole-${steps}`)));
  });

  test("a finished run of the same training is left alone", async () => {
    const trainer = new FerTrainer({ ...base, epochs: 1, to: path("again") });
    await trainer.fit(set);
    const before = (await stat(path("again/best.h5"))).mtimeMs;
    const run = await trainer.fit(set);
    expect((await stat(path("again/best.h5"))).mtimeMs).toBe(before);
    expect(run.history.length).toBe(1);
  });

  test("the unfinished run of another training is refused with the difference, and discarded on demand", async () => {
    const options = { ...base, epochs: 3, to: path("unfinished") };
    const controller = new AbortController();
    const callbacks = [{ name: "abort", onStepEnd: () => controller.abort() }];
    const cut = new FerTrainer(options).fit(set, { callbacks, signal: controller.signal });
    await expect(cut).rejects.toMatchObject({ code: "ABORTED" });
    const longer = new FerTrainer({ ...options, epochs: 5 }).fit(set);
    await expect(longer.catch(withoutFolder)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: train: "<folder>/.unfinished.partial" holds unfinished work of other options: epochs 3 there, 5 asked for. Expected the same options, which go on with it. Pass the same options, choose another --to, or pass --overwrite (overwrite: true) to discard that work.]`,
    );
    const run = await new FerTrainer({ ...options, epochs: 5, overwrite: true }).fit(set);
    expect(run.history.length).toBe(5);
  });

  describe("stopped before its first step", () => {
    /** Is aborted while a call waits for what never comes. */
    const stopping = () => {
      const controller = new AbortController();
      const wait = vi.fn<() => Promise<never>>(() => {
        setImmediate(() => controller.abort(new Error("Ctrl-C")));
        return new Promise<never>(() => {});
      });
      return { signal: controller.signal, wait };
    };
    afterEach(() => vi.restoreAllMocks());

    /** How the training ends, and what it leaves. */
    const stopped = async (to: string, { signal }: ReturnType<typeof stopping>) => {
      const cut = new FerTrainer({ ...base, to: path(to) }).fit(set, { signal });
      const code = await cut.catch((error: FerError) => error.code);
      return { code, left: (await readdir(folder)).filter((name) => name.includes(to)) };
    };

    test("it does not wait for an engine that loads", async () => {
      const stop = stopping();
      vi.spyOn(engines.cpu, "probe").mockImplementation(stop.wait);
      expect(await stopped("while it loads", stop)).toEqual({ code: "ABORTED", left: [] });
      expect(stop.wait).toHaveBeenCalledOnce();
    });

    test("it does not wait for an engine that compiles, and has nothing to keep", async () => {
      const stop = stopping();
      const { prepare } = engines.cpu;
      vi.spyOn(engines.cpu, "prepare").mockImplementation(async (options) =>
        Object.assign(await prepare(options), { step: stop.wait, readState: () => new Promise<never>(() => {}) }),
      );
      expect(await stopped("while it compiles", stop)).toEqual({ code: "ABORTED", left: [] });
      expect(stop.wait).toHaveBeenCalledOnce();
    });
  });

  test("a training that cannot go on leaves nothing in the way of one with other options", async () => {
    const options = {
      ...base,
      schedule: { name: "constant" },
      optimizer: { name: "sgd" },
      to: path("hopeless"),
    } as const;
    await expect(new FerTrainer({ ...options, learningRate: 1e30 }).fit(set)).rejects.toThrow("not a finite number");
    expect((await readdir(folder)).filter((name) => name.includes("hopeless"))).toEqual([]);
    await new FerTrainer({ ...options, epochs: 1 }).fit(set);
  });

  test("a run with a file that has changed is not kept without a word", async () => {
    const options = { ...base, epochs: 1, to: path("changed") };
    await new FerTrainer(options).fit(set);
    const before = await tree(path("changed"));
    const bytes = await readFile(path("changed/history.csv"));
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(path("changed/history.csv"), bytes);
    const again = new FerTrainer(options).fit(set);
    await expect(again.catch(withoutFolder)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: train: "<folder>/changed" cannot be kept: history.csv: its content has changed since it was written. Expected a whole output of this version, or a new target. Choose another --to, or pass --overwrite (overwrite: true) to make it again; nothing was changed.]`,
    );
    await new FerTrainer({ ...options, overwrite: true }).fit(set);
    expect(await tree(path("changed"))).toEqual(before);
  });

  test("a run without a report gets one when it is asked for", async () => {
    const options = { ...base, epochs: 1, to: path("report-later") };
    await new FerTrainer(options).fit(set);
    const run = await new FerTrainer({ ...options, report: true }).fit(set);
    expect(run.reused).toBe(true);
    expect(await readdir(run.folder)).toContain("report.html");
  });

  test("goes on with another engine, and config.json says so", async () => {
    const options = { ...base, epochs: 2, to: path("other-engine") };
    const controller = new AbortController();
    const callbacks = [
      { name: "abort", onStepEnd: ({ step }: { step: number }) => void (step === 2 && controller.abort()) },
    ];
    const cut = new FerTrainer(options).fit(set, { callbacks, signal: controller.signal });
    await expect(cut).rejects.toMatchObject({ code: "ABORTED" });
    const { config } = await new FerTrainer({ ...options, engine: "wasm" }).fit(set);
    expect(config.engine.name).toBe("cpu");
    expect(config.sessions).toMatchObject([{ engine: { name: "wasm" }, from: { epoch: 1, step: 2 }, notes: [] }]);
  });
});

describe("models by value", () => {
  const linear = (units: number) => () =>
    tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 1] }),
        tf.layers.dense({ units, activation: "relu", kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
        tf.layers.dense({
          units: 3,
          activation: "softmax",
          kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
        }),
      ],
    });

  test("a model that was built again, with other layer names, is the same training", async () => {
    const trainer = new FerTrainer({ ...base, epochs: 1, to: path("built-twice") });
    const { config } = await trainer.fit(set, { model: linear(4) });
    expect((await trainer.fit(set, { model: linear(4) })).config).toEqual(config);
  });

  test("another model is another training, not the finished run of the first", async () => {
    const trainer = new FerTrainer({ ...base, epochs: 1, to: path("other-model") });
    await trainer.fit(set, { model: linear(4) });
    await expect(trainer.fit(set, { model: linear(5) })).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
      context: { differences: [{ key: "given.model" }] },
    });
  });
});

describe("folds", () => {
  test("tests every sample once and pools all folds", async () => {
    const run = await new FerTrainer({ ...base, epochs: 1, to: path("folds") }).fit(folded[4]!);
    const metrics = run.metrics!;
    expect(metrics).toMatchObject({ part: "folds", count: 48 });
    expect(metrics.confusionMatrix.flat().reduce((a, b) => a + b, 0)).toBe(48);
    expect(metrics.folds!.map(({ fold, count }) => [fold, count])).toEqual([1, 2, 3, 4].map((fold) => [fold, 12]));
    const mean = metrics.folds!.reduce((sum, { accuracy }) => sum + accuracy, 0) / 4;
    expect(metrics.spread!.accuracy.mean).toBeCloseTo(mean, 12);
    const ids = (await readFile(path("folds/predictions.csv"), "utf8"))
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    expect(new Set(ids).size).toBe(48);
    const seen = (await readTrainingIndex(await RunFolder.open(path("folds/fold-01"))))!;
    const { test: tested } = await folded[4]!.fold(1);
    let row = 0;
    for await (const { pixel_hash, group } of folded[4]!.part("all").rows()) {
      const isTested = tested.includes(row++);
      expect([seen.hasPixels(pixel_hash), seen.groups.has(group!)]).toEqual([!isTested, !isTested]);
    }
    const second = await openRun(path("folds/fold-02"));
    expect(second.config.fold).toEqual({ index: 2, of: 4 });
    // on its own set, a fold is measured on its own test rows
    const copy = await second.save(path("second-fold"));
    const [again, everything] = [await copy.evaluate(folded[4]!), await copy.evaluate(folded[4]!, { part: "all" })];
    expect(again).toMatchObject({ count: 12, confusionMatrix: second.metrics!.confusionMatrix });
    expect(everything.count).toBe(48);
    // of another set it says what the model has seen: here the same pictures and groups, but for those it tested
    const elsewhere = await copy.evaluate(set, { part: "train" });
    expect([again.seen, elsewhere.seen]).toEqual([undefined, { images: 36, groups: 9 }]);
  });

  test("runs those that are asked for, with the result that they have among all", async () => {
    const options = { ...base, epochs: 1, folds: [4, 2], to: path("folds-some") };
    const { config, metrics } = await new FerTrainer(options).fit(folded[4]!);
    expect(config.folds).toEqual([2, 4]);
    expect(metrics!.folds!.map(({ fold, count }) => [fold, count])).toEqual([
      [2, 12],
      [4, 12],
    ]);
    const all = await new FerTrainer({ ...base, epochs: 1, to: path("folds-all") }).fit(folded[4]!);
    expect(metrics!.folds).toEqual(all.metrics!.folds!.filter(({ fold }) => fold % 2 === 0));
  });

  test("are refused where the set has none, not this one, or it comes twice", async () => {
    const message = (folds: number[], of: AssembledSet) =>
      new FerTrainer({ ...base, folds, to: path("folds-refused") })
        .fit(of)
        .then(String, (error: Error) => error.message);
    expect(await message([1], set)).toMatchInlineSnapshot(
      `"set tiny: folds 1 were asked for, and it has parts. Expected a set that was assembled in folds. Assemble it with the policy subject-kfold, group-kfold, kfold, subject-modulo or leave-one-subject-out."`,
    );
    expect(await message([5], folded[4]!)).toMatchInlineSnapshot(`"set tiny: no fold 5. Expected folds 1 to 4."`);
    expect(await message([2, 2], folded[4]!)).toMatchInlineSnapshot(
      `"set tiny: fold 2 was named twice. Expected each fold once."`,
    );
  });

  test("an augmentation that does something else is another training", async () => {
    const trainer = new FerTrainer({ ...base, epochs: 1, to: path("other-augmentation") });
    await trainer.fit(set, { augmentations: [{ name: "own", paint: ({ pixels }) => void pixels.fill(3, 0, 4) }] });
    const other = trainer.fit(set, {
      augmentations: [{ name: "own", paint: ({ pixels }) => void pixels.fill(4, 0, 4) }],
    });
    await expect(other).rejects.toMatchObject({ context: { differences: [{ key: "given.code" }] } });
  });

  test("interrupted in the first fold, it goes on at that step", async () => {
    const options = { ...base, epochs: 2, to: path("folds-first") };
    const controller = new AbortController();
    const stop = { name: "stop", onStepEnd: ({ step }: { step: number }) => void (step === 2 && controller.abort()) };
    const cut = new FerTrainer(options).fit(folded[2]!, { callbacks: [stop], signal: controller.signal });
    await expect(cut).rejects.toMatchObject({ code: "ABORTED" });
    const begun: object[] = [];
    const callbacks = [{ name: "from", onTrainBegin: ({ from }: { from: object }) => void begun.push(from) }];
    await new FerTrainer(options).fit(folded[2]!, { callbacks });
    expect(begun).toEqual([
      { epoch: 1, step: 2 },
      { epoch: 1, step: 0 },
    ]);
  });

  test("a finished fold that was damaged is trained again, and said", async () => {
    const options = { ...base, epochs: 1, to: path("folds-damaged") };
    await new FerTrainer({ ...options, to: path("folds-undamaged") }).fit(folded[2]!);
    const controller = new AbortController();
    let trainings = 0;
    const callbacks = [{ name: "abort", onTrainBegin: () => void (++trainings === 2 && controller.abort()) }];
    const cut = new FerTrainer(options).fit(folded[2]!, { callbacks, signal: controller.signal });
    await expect(cut).rejects.toMatchObject({ code: "ABORTED" });
    const [work] = await readdir(path(".folds-damaged.partial"));
    await writeFile(join(path(".folds-damaged.partial"), work!, "tree/fold-01/history.csv"), "");
    const messages: string[] = [];
    await new FerTrainer(options).fit(folded[2]!, {
      onProgress: ({ stage, message }) => void (message !== undefined && messages.push(`${stage}: ${message}`)),
    });
    expect(messages[0]).toMatch(/^fold 1\/2: .*history\.csv: it has 0 bytes instead of \d+: it is trained again$/);
    expect(await tree(path("folds-damaged"))).toEqual(await tree(path("folds-undamaged")));
  });

  test("interrupted in a fold, finished folds are kept and the result is the same", async () => {
    const options = { ...base, epochs: 1 };
    await new FerTrainer({ ...options, to: path("folds-whole") }).fit(folded[3]!);
    const trainer = new FerTrainer({ ...options, to: path("folds-cut") });
    const controller = new AbortController();
    let trainings = 0;
    const callbacks = [
      { name: "abort", onTrainBegin: () => void (++trainings === 3 && controller.abort(new Error("Ctrl-C"))) },
    ];
    await expect(trainer.fit(folded[3]!, { callbacks, signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    const [work] = await readdir(path(".folds-cut.partial"));
    const kept = await readdir(join(path(".folds-cut.partial"), work!, "tree"));
    expect(kept.sort()).toEqual(["fold-01", "fold-02"]);
    await trainer.fit(folded[3]!);
    expect(await tree(path("folds-cut"))).toEqual(await tree(path("folds-whole")));
  });
});

describe("bad input", () => {
  test("names every bad option and the nearest valid one", () => {
    const options = { epoch: 3, batchSize: 0 } as never;
    expect(() => new FerTrainer(options)).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: trainer options: batchSize: received 0. Expected more than 0. Unknown option "epoch". Did you mean "epochs"?]`,
    );
  });

  test("refuses a model of other classes or another size", async () => {
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [48, 48, 1] }), tf.layers.dense({ units: 7 })],
    });
    const fit = new FerTrainer({ ...base, to: path("misfit") }).fit(set, { model });
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: model: it maps [null, 48, 48, 1] -> [null, 7]. Expected [null, 8, 8, 1] -> [null, 3], for the classes neutral, anger, happy. Build the model for this set, or assemble the set in the model's size and classes.]`,
    );
  });

  test("refuses one class", async () => {
    const one = await tinySet(path("one-class-set"), { oneClass: true });
    const fit = new FerTrainer({ ...base, to: path("one-class") }).fit(one);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: training part: 44 samples of one class, neutral. Expected samples of at least two classes. Assemble a set with more classes, or lower valShare.]`,
    );
    one.close();
  });

  test("refuses patience where nothing can be monitored", async () => {
    const fit = new FerTrainer({ ...base, valShare: 0, patience: 3, to: path("nothing") }).fit(set);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: monitor: val_accuracy, but no validation part. Expected a validation part, since patience depends on it. Raise valShare, or monitor "loss".]`,
    );
  });

  test.each<[string, (bytes: Buffer) => void]>([
    ["tiny_train_images.npy", (bytes) => void (bytes[bytes.length - 1]! ^= 1)],
    // the label of the last sample, as valid as it was
    [
      "tiny_train_labels.npy",
      (bytes) => void (bytes.writeFloatLE(1, bytes.length - 12), bytes.writeFloatLE(0, bytes.length - 4)),
    ],
    ["tiny_train.jsonl", (bytes) => void bytes.write("9", bytes.indexOf("face-0") + "face-".length)],
  ])("refuses a set whose %s has changed", async (file, change) => {
    const own = await tinySet(path(`changed ${file}`));
    const bytes = await readFile(join(own.folder, file));
    change(bytes);
    await writeFile(join(own.folder, file), bytes);
    const fit = new FerTrainer({ ...base, epochs: 1, to: path(`of changed ${file}`) }).fit(own);
    await expect(fit).rejects.toMatchObject({ code: "CHANGED" });
    own.close();
  });

  test("refuses bfloat16 where the engine has none", async () => {
    const fit = new FerTrainer({ ...base, precision: "bfloat16", to: path("bfloat16") }).fit(set);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[EngineError: engine cpu: bfloat16: the engine has float32 only. Expected the engine tensorflow, on a processor or GPU that computes bfloat16 at least as fast as float32. Leave precision out.]`,
    );
  });

  test("refuses a folder that is something else", async () => {
    await mkdir(path("photos"));
    await writeFile(path("photos/holiday.jpg"), "");
    const fit = new FerTrainer({ ...base, to: path("photos") }).fit(set);
    await expect(fit.catch(withoutFolder)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: train: "<folder>/photos" holds "holiday.jpg" and not what train writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed.]`,
    );
  });

  test("refuses the folder of another artifact, also with overwrite", async () => {
    await mkdir(path("faces"));
    await writeFile(path("faces/dataset.json"), "{}");
    await Manifest.write(path("faces"), { artifact: "image-folder", identity: {}, files: ["dataset.json"] });
    const fit = new FerTrainer({ ...base, overwrite: true, to: path("faces") }).fit(set);
    await expect(fit.catch(withoutFolder)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: train: "<folder>/faces" holds 2 entries (first "dataset.json") and not what train writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed.]`,
    );
    expect(await readdir(path("faces"))).toEqual(["dataset.json", "manifest.json"]);
    await mkdir(path("foreign"));
    await writeFile(path("foreign/config.json"), '{"model_type":"bert"}');
    const other = new FerTrainer({ ...base, overwrite: true, to: path("foreign") }).fit(set);
    await expect(other.catch(withoutFolder)).rejects.toThrow('holds "config.json" and not what train writes');
  });

  test("refuses the run of another training", async () => {
    await new FerTrainer({ ...base, epochs: 1, to: path("taken") }).fit(set);
    const fit = new FerTrainer({ ...base, epochs: 2, to: path("taken") }).fit(set);
    await expect(fit.catch(withoutFolder)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: train: "<folder>/taken" was made otherwise: epochs 1 there, 2 asked for. Expected the same options and data. Choose another --to, or pass --overwrite (overwrite: true) to replace it; nothing was changed.]`,
    );
  });

  test("a loss that is no number in the first epoch stops with advice", async () => {
    const options = {
      ...base,
      learningRate: 1e30,
      schedule: { name: "constant" },
      optimizer: { name: "sgd" },
      to: path("nan"),
    } as const;
    await expect(new FerTrainer(options).fit(set)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[EngineError: training: the loss was not a finite number at step 2 of epoch 1, with a learning rate of 1e+30. Expected a finite loss. Lower learningRate (try 1e+29) or set clipNorm to 1.]`,
    );
  });

  test("a loss that is no number later on keeps the best epoch", async () => {
    const explode = {
      name: "explode",
      onEpochEnd: (row: HistoryRow, control: { learningRateScale: number }) =>
        void (row.epoch === 2 && (control.learningRateScale = 1e30)),
    };
    const options = {
      ...base,
      epochs: 6,
      schedule: { name: "constant" },
      optimizer: { name: "sgd" },
      to: path("nan-later"),
    } as const;
    const run = await new FerTrainer(options).fit(set, { callbacks: [explode] });
    expect(run.outcome!.stopped).toMatchInlineSnapshot(`"the loss was not a finite number at step 2 of epoch 3"`);
    expect(run.outcome!.bestEpoch).toBeLessThanOrEqual(2);
    expect(Number.isFinite(run.metrics!.loss)).toBe(true);
  });
});

const RUN_FOLDER = [
  "charts",
  "report.html",
  "set.json",
  "best.h5",
  "best.json",
  "config.json",
  "history.csv",
  "history.jsonl",
  "last.h5",
  "last.json",
  "metrics.json",
  "model.json",
  "outcome.json",
  "predictions.csv",
  "manifest.json",
];
