/** Sweeps: what is drawn, what is trained and kept, halving, trials that fail, and what is refused. */
import { openSet, type AssembledSet } from "@fer/core/set";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SweepSummary, sweep } from "../../dist/index.js";
import { drawTrial, withDrawn } from "../../dist/sweep/space.js";
import { tinySet } from "../tiny-set.js";

let folder: string;
let set: AssembledSet;
const at = (...names: string[]): string => join(folder, ...names);
const train = { architecture: "tiny", engine: "cpu", epochs: 2, batchSize: 16, views: 1, report: false } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-sweep-"));
  (await tinySet(at("features"))).close();
  set = await openSet(at("features/tiny"));
});
afterAll(() => {
  set.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("drawTrial", () => {
  const space = {
    rate: { min: 0.001, max: 0.1, log: true, integer: false },
    width: { min: 1, max: 3, log: false, integer: true },
    name: ["a", "b"],
  };
  const many = Array.from({ length: 3000 }, (_, trial) => drawTrial(space, { seed: 1, trial }));

  it("draws ranges evenly, by their logarithm or as whole numbers, and choices alike", () => {
    const rates = many.map(({ rate }) => rate as number);
    expect([Math.min(...rates) >= 0.001, Math.max(...rates) <= 0.1]).toEqual([true, true]);
    expect(rates.filter((rate) => rate < 0.01).length / many.length).toBeCloseTo(0.5, 1);
    for (const width of [1, 2, 3])
      expect(many.filter((each) => each["width"] === width).length / many.length).toBeCloseTo(1 / 3, 1);
    expect(many.filter(({ name }) => name === "a").length / many.length).toBeCloseTo(0.5, 1);
  });

  it("a value hangs on seed, trial and name alone", () => {
    const { rate, ...rest } = space;
    const { rate: _, ...expected } = drawTrial(space, { seed: 4, trial: 7 });
    expect(drawTrial(rest, { seed: 4, trial: 7 })).toEqual(expected);
    expect(drawTrial({ rate }, { seed: 5, trial: 7 })).not.toEqual(drawTrial({ rate }, { seed: 4, trial: 7 }));
  });

  it("values go to their places, and a drawn name leaves no options of another", () => {
    const options = { epochs: 3, optimizer: { name: "adam", beta1: 0.8 }, schedule: { name: "cosine" } };
    expect(withDrawn(options, { "schedule.warmup": 0.2, "optimizer.name": "sgd", "optimizer.momentum": 0.5 })).toEqual({
      epochs: 3,
      optimizer: { name: "sgd", momentum: 0.5 },
      schedule: { name: "cosine", warmup: 0.2 },
    });
    expect(withDrawn(options, { "optimizer.name": "adam" })).toEqual(options);
  });
});

it("trains each trial once, keeps it, and ranks by validation", { timeout: 120_000 }, async () => {
  const given = { space: { learningRate: [0.0001, 0.05] }, to: at("runs"), train };
  const two = await sweep(set, { ...given, trials: 2 });
  expect(two.rows.map((row) => [row.trial, row.folder, row.epochs, row.problem])).toEqual([
    [1, "trial-1", 2, null],
    [2, "trial-2", 2, null],
  ]);
  for (const { folder: run, score } of two.rows) {
    const lines = readFileSync(at("runs", run, "history.jsonl"), "utf8")
      .trim()
      .split("\n");
    const values = lines.map((line) => (JSON.parse(line) as { val_accuracy: number }).val_accuracy);
    expect(score).toBe(Math.max(...values));
  }
  const top = Math.max(...two.rows.map(({ score }) => score!));
  expect(two.best).toBe(two.rows.find(({ score }) => score === top)!.folder);
  const written = statSync(at("runs/trial-1/best.h5")).mtimeMs;
  const three = await sweep(set, { ...given, trials: 3 });
  expect(three.rows.slice(0, 2)).toEqual(two.rows);
  expect(statSync(at("runs/trial-1/best.h5")).mtimeMs).toBe(written);
  expect(JSON.parse(readFileSync(at("runs/sweep.json"), "utf8"))).toEqual(three);
  expect(readFileSync(at("runs/sweep.svg"), "utf8")).toContain("learningRate");

  await expect(sweep(set, { ...given, space: { learningRate: [0.1] }, trials: 3 })).rejects.toThrow(
    /runs": it holds a sweep with another space\. Expected the same sweep/,
  );
});

it("goes on after an interruption", { timeout: 120_000 }, async () => {
  const given = { space: { learningRate: { min: 0.001, max: 0.1, log: true } }, trials: 3, train };
  const whole = await sweep(set, { ...given, to: at("whole") });
  const stopped = new AbortController();
  const stop = ({ stage }: { stage: string }): void => void (stage.includes("trial 2") && stopped.abort());
  await expect(
    sweep(set, { ...given, to: at("stopped"), signal: stopped.signal, onProgress: stop }),
  ).rejects.toMatchObject({ code: "ABORTED" });
  const begun = JSON.parse(readFileSync(at("stopped/sweep.json"), "utf8")) as SweepSummary;
  expect(begun.rows).toEqual(whole.rows.slice(0, 1));
  expect(await sweep(set, { ...given, to: at("stopped") })).toEqual(whole);
});

it("halving trains the best third longer", { timeout: 120_000 }, async () => {
  const space = { learningRate: { min: 0.001, max: 0.1, log: true } };
  const long = { ...train, epochs: 9 };
  const { rows, best } = await sweep(set, { space, trials: 7, strategy: "halving", to: at("halved"), train: long });
  expect(rows.map(({ epochs }) => epochs)).toEqual([1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9]);
  const scores = (epochs: number) => rows.filter((row) => row.epochs === epochs);
  const third = Math.min(...scores(3).map(({ trial }) => scores(1).find((row) => row.trial === trial)!.score!));
  const left = scores(1).filter(({ trial }) => !scores(3).some((row) => row.trial === trial));
  expect(Math.max(...left.map(({ score }) => score!))).toBeLessThanOrEqual(third);
  expect(best).toBe(rows.at(-1)!.folder);
  expect(readdirSync(at("halved")).filter((name) => name.startsWith("trial-"))).toHaveLength(11);
});

it("a trial that diverges is noted, and the others go on", { timeout: 120_000 }, async () => {
  const space = { learningRate: [1e30, 0.01] };
  const optimizer = { name: "sgd" } as const;
  const schedule = { name: "constant" } as const;
  const { rows, best } = await sweep(set, {
    space,
    trials: 4,
    to: at("wild"),
    train: { ...train, optimizer, schedule },
  });
  const failed = rows.filter(({ problem }) => problem !== null);
  expect(failed.map(({ drawn }) => drawn["learningRate"])).toContain(1e30);
  expect(failed[0]!.problem).toMatch(/not a finite number at step \d of epoch 1, with a learning rate of 1e\+30/);
  expect(rows.find(({ folder: name }) => name === best)?.drawn).toEqual({ learningRate: 0.01 });
});

it("refuses what cannot be ranked, trials that cannot be trained, and folders of others", async () => {
  const space = { learningRate: [0.1] };
  const refused = (given: object): Promise<unknown> => sweep(set, { space, to: at("refused"), train, ...given });
  await expect(refused({ train: { ...train, monitor: "loss" } })).rejects.toMatchObject({ code: "NO_VALIDATION" });
  await expect(refused({ space: { epoch: [1] } })).rejects.toThrow(
    /trial 1 would have {"epoch":1}: .*unknown option "epoch"/,
  );
  await expect(refused({ space: { learningRate: { min: 0, max: 1, log: true } } })).rejects.toThrow(
    /space: learningRate: a range from 0 to 1, drawn by its logarithm\. Expected numbers above 0/,
  );
  await expect(refused({ space: {} })).rejects.toThrow(/at least one option/);
  await expect(refused({ strategy: "halving", train: { ...train, steps: 9 } })).rejects.toThrow(/9 steps/);
  expect(existsSync(at("refused"))).toBe(false);
  writeFileSync(at("mine.txt"), "mine");
  await expect(refused({ to: folder })).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
});
