/** Trainings of so many steps, and of so much time. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunBudget } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { budgetSeconds, secondsOf, stepsWithin } from "../../dist/train/budget.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

type Options = NonNullable<ConstructorParameters<typeof FerTrainer>[0]>;

const base = { architecture: "tiny", engine: "cpu", batchSize: 12, report: false, baselines: false } as const;

/** However many steps there are, the training ends after two or three epochs: a busy machine needs a large budget. */
const SHORT = { patience: 1, monitor: "loss", learningRate: 1e-12 } as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-budget-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 45, val: 12, test: 12 } });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const trainer = (name: string, more: Options) => new FerTrainer({ ...base, ...more, to: join(folder, name) });

/** What must be equal whatever told the number of steps. */
async function results(run: string): Promise<Record<string, string>> {
  const { "config.json": _, "manifest.json": _seal, ...files } = await tree(run);
  return files;
}

describe("stepsWithin", () => {
  const costs = {
    step: new Map([
      [4, 0.25],
      [6, 0.5],
      [8, 1],
    ]),
    epoch: new Map([
      [4, 2],
      [6, 3],
      [8, 4],
    ]),
    once: 10,
  };

  test("counts steps, what follows each epoch, and what is done once", () => {
    const training = { ...costs, whole: 8, stepsPerEpoch: 5, growth: { sizes: null, sizesUntil: 0.5 } };
    expect(secondsOf(5, training)).toBe(10 + 5 + 4);
    expect(secondsOf(7, training)).toBe(10 + 7 + 2 * 4);
    // Four epochs of 9 s after 10 s; the fifth costs 4 s and as many steps as are left.
    expect(stepsWithin(46, training)).toBe(20);
    expect(stepsWithin(52.5, training)).toBe(22);
    expect(stepsWithin(14.9, training)).toBe(0);
  });

  test("is the largest number that fits, where images grow too", () => {
    for (const sizes of [null, [4], [4, 6]]) {
      const training = { ...costs, whole: 8, stepsPerEpoch: 3, growth: { sizes, sizesUntil: 0.6 } };
      for (let seconds = 5; seconds < 120; seconds += 1.7) {
        const fits = Array.from({ length: 150 }, (_, i) => i + 1).filter(
          (steps) => secondsOf(steps, training) <= seconds,
        );
        expect(stepsWithin(seconds, training)).toBe(fits.at(-1) ?? 0);
      }
    }
  });

  test("budgets have units", () => {
    expect(["90s", "60m", "2.5h"].map(budgetSeconds)).toEqual([90, 3600, 9000]);
  });
});

describe("steps", () => {
  test("end the training and its schedule; the last epoch has what is left", async () => {
    const rates: number[] = [];
    const plans: unknown[] = [];
    const reports: { done: number; total: number | null }[] = [];
    const run = await trainer("steps", { steps: 6 }).fit(set, {
      callbacks: [
        {
          name: "plan",
          onTrainBegin: (plan) => void plans.push(plan),
          onEpochEnd: (_, control) => void rates.push(control.learningRate),
        },
      ],
      onProgress: ({ stage, done, total }) => void (stage === "train" && reports.push({ done, total })),
    });
    expect(plans).toMatchObject([{ epochs: 2, stepsPerEpoch: 4, totalSteps: 6 }]);
    expect(run.history.length).toBe(2);
    // 6 steps: half a cosine from the first (no step of warm-up), at its steps 3 and 5.
    expect(rates).toEqual([3, 5].map((step) => (0.01 * (1 + Math.cos((Math.PI * step) / 6))) / 2));
    expect(reports.at(-1)).toEqual({ done: 68, total: 68 });
    expect(run.config.options).toMatchObject({ steps: 6, epochs: 2, budget: null });
    expect(run.config.budget).toBeUndefined();
    expect(run.history[1]!.val_loss).toEqual(expect.any(Number));
    expect(await trainer("steps", { steps: 6, epochs: 9 }).fit(set)).toMatchObject({ reused: true });
  });

  test("of whole epochs give the bytes of as many epochs", async () => {
    const steps = await trainer("eight steps", { steps: 8, swa: 0.4 }).fit(set);
    const epochs = await trainer("two epochs", { epochs: 2, swa: 0.4 }).fit(set);
    expect(await results(steps.folder)).toEqual(await results(epochs.folder));
  });

  test.each<[name: string, options: Options, at: number]>([
    ["a short last epoch", { steps: 7 }, 6],
    ["less than one epoch", { steps: 3 }, 2],
    ["after the last step of all, before its validation", { steps: 6 }, 6],
    ["a mean over a short epoch", { steps: 10, swa: 0.4 }, 9],
    [
      "images that grow",
      { steps: 10, architecture: "resnet", net: { width: 2, depth: 1 }, sizes: [5], sizesUntil: 0.7 },
      9,
    ],
  ])("are the same bytes after an interruption and with threads: %s", async (name, options, at) => {
    const fit = (to: string, workers = 0) => trainer(`${name}, ${to}`, { ...options, workers });
    const whole = await fit("whole").fit(set);
    const expected = await tree(whole.folder);
    expect(whole.history.every(({ loss, accuracy }) => Number.isFinite(loss) && accuracy <= 1)).toBe(true);
    const stopped = fit("stopped", 2);
    const controller = new AbortController();
    let steps = 0;
    const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === at && controller.abort()) }];
    await expect(stopped.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(await tree((await stopped.fit(set)).folder)).toEqual(expected);
  });
});

describe("budget", () => {
  test("becomes a number of steps, and gives the bytes of that number; clocks may jump", async () => {
    // the wall clock goes back an hour each time that it is read
    let wall = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => (wall -= 3_600_000));
    const said: string[] = [];
    const options = { ...SHORT, budget: "30s" } as const;
    const run = await trainer("budget", options).fit(set, {
      onProgress: ({ message }) => void (message !== undefined && said.push(message)),
    });
    const budget = RunBudget.parse(run.config.budget);
    expect(budget).toMatchObject({ budget: "30s", engine: "cpu", precision: "float32" });
    expect(budget.secondsPerStep["8"]).toBeGreaterThan(0);
    expect(budget.steps).toBeGreaterThanOrEqual(4);
    expect(budget.steps).toBeLessThan(30 / budget.secondsPerStep["8"]!);
    expect(run.config.options).toMatchObject({
      budget: "30s",
      steps: budget.steps,
      epochs: Math.ceil(budget.steps / 4),
    });
    expect(said[0]).toContain(`30s are ${budget.steps.toLocaleString("en-US")} steps`);
    expect(await trainer("budget", options).fit(set)).toMatchObject({ reused: true });

    const { steps } = budget;
    const same = await trainer("same", { ...SHORT, steps }).fit(set);
    expect(await results(same.folder)).toEqual(await results(run.folder));
  });

  test("is measured once: a training that goes on keeps the number, by whatever clock", async () => {
    const stopped = trainer("stopped", { ...SHORT, budget: "30s", workers: 1 });
    const controller = new AbortController();
    let steps = 0;
    let [said, told] = ["", ""];
    const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === 6 && controller.abort()) }];
    await expect(
      stopped.fit(set, {
        callbacks,
        signal: controller.signal,
        onProgress: ({ message }) => void (said ||= message ?? ""),
      }),
    ).rejects.toMatchObject({ code: "ABORTED" });
    const stages = new Set<string>();
    const run = await stopped.fit(set, {
      onProgress: ({ stage, message }) => {
        stages.add(stage);
        told ||= message ?? "";
      },
    });
    expect(told).toBe(said);
    expect([...stages]).toEqual(["train"]);
    const whole = await trainer("stopped, whole", { ...SHORT, steps: run.config.budget!.steps }).fit(set);
    expect(await results(run.folder)).toEqual(await results(whole.folder));
  });

  test("times each size of images", async () => {
    const options = { architecture: "resnet", net: { width: 2, depth: 1 }, budget: "60s", sizesUntil: 0.001 } as const;
    const run = await trainer("sizes", { ...SHORT, ...options, sizes: [5, 6] }).fit(set);
    expect(Object.keys(run.config.budget!.secondsPerStep)).toEqual(["5", "6", "8"]);
  });

  test("of folds is that of all together, each with as many steps; that of seeds is measured for the first", async () => {
    const folds = await tinySet(join(folder, "folded"), { name: "folded", folds: 2 });
    const run = await trainer("folds", { ...SHORT, budget: "60s" }).fit(folds);
    const { steps } = run.config.budget!;
    const configs = await Promise.all(
      ["fold-01", "fold-02"].map(async (name) =>
        JSON.parse(await readFile(join(run.folder, name, "config.json"), "utf8")),
      ),
    );
    expect(configs.map(({ budget, options }) => [budget.steps, options.steps])).toEqual([
      [steps, steps],
      [steps, steps],
    ]);
    expect(run.config.options).toMatchObject({ steps, epochs: configs[0].options.epochs });
    expect(await trainer("folds", { ...SHORT, budget: "60s" }).fit(folds)).toMatchObject({ reused: true });
    folds.close();

    const { runs } = await trainer("seeds", { ...SHORT, budget: "30s" }).fitSeeds(set, { seeds: [1, 2] });
    expect(runs[1]!.config.budget).toEqual(runs[0]!.config.budget);
  });

  test("is refused where it is malformed, shorter than an epoch, or not the only length", async () => {
    const refused = (more: Options): string => {
      try {
        trainer("refused", more);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(["60", "1d", "-5m", "m", ""].map((budget) => refused({ budget }))).toMatchInlineSnapshot(`
      [
        "trainer options: budget: received "60". Expected a time such as 90s, 60m or 2.5h.",
        "trainer options: budget: received "1d". Expected a time such as 90s, 60m or 2.5h.",
        "trainer options: budget: received "-5m". Expected a time such as 90s, 60m or 2.5h.",
        "trainer options: budget: received "m". Expected a time such as 90s, 60m or 2.5h.",
        "trainer options: budget: received "". Expected a time such as 90s, 60m or 2.5h.",
      ]
    `);
    expect(refused({ budget: "5m", steps: 3 })).toMatchInlineSnapshot(
      `"budget: 5m, and 3 steps. Expected one of them: a budget becomes a number of steps. Leave one out."`,
    );
    const message = await trainer("short", { budget: "0.01s" })
      .fit(set)
      .then(String, (error: Error) => error.message);
    expect(message.replace(/\d\S* s for/, "<n> s for").replace(/\d+s\./, "<n>s.")).toMatchInlineSnapshot(
      `"budget: 0.01s are 0 steps here, at <n> s for one of 12 images. Expected at least an epoch, which has 4: <n>s. Raise it, or ask for a part of an epoch with steps."`,
    );
    // nothing is left of it
    await trainer("short", { steps: 4 }).fit(set);
  });
});
