/** `fer train <set>`: a set -> a run folder. */
import {
  type Augmentation,
  type Callback,
  choosePrecision,
  FerTrainer,
  type FitContext,
  openRun,
  type Recipe,
  recipes,
  type SeedRuns,
  SeedsOptions,
  selectEngine,
  TrainerOptions,
} from "@fer/model";
import { basename, join } from "node:path";
import { formatPercent, untilAborted } from "@fer/core";
import { foldFolder, foldNumbers, RUN_FILES } from "@fer/core/run";
import { openSet } from "@fer/core/set";
import { z } from "zod";
import { type CommandResult, defineCommand } from "../command.js";
import type { LoadedConfig } from "../config/load-config.js";
import { loadModelModule } from "../config/model-module.js";
import { parsedSections } from "../config/sections.js";
import { finish, trackersFor, trackFinished } from "../tracking/trackers.js";
import { renderRun } from "../render/run.js";
import { renderSeeds } from "../render/seeds.js";
import { citationsOf } from "./report.js";

export const TrainOptions = z.strictObject({
  set: z.string().describe("Set that fer assemble wrote, as <folder>/<name>"),
  ...TrainerOptions.shape,
  seeds: SeedsOptions.shape.seeds
    .nullable()
    .default(null)
    .describe(
      "Seeds to train with in place of seed, each a run of its own in <to>/seed-<n>, whose scores are summed up; a number: 1 to that",
    ),
  model: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "Network of your own in place of architecture: a JavaScript or TypeScript module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel",
    ),
  tensorboard: z
    .string()
    .nullable()
    .default(null)
    .describe("Folder for the event files of TensorBoard, written while it trains (tensorboard --logdir <folder>)"),
  mlflow: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "Address of an MLflow tracking server, told while it trains; MLFLOW_EXPERIMENT_NAME and the variables of its authentication are heeded",
    ),
  to: z.string().min(1).describe("Run folder to write"),
});

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isModel = (value: unknown): boolean =>
  typeof value === "function" || (isObject(value) && "layers" in (value as object));

/** What a config file passes by reference. */
const TrainValues = z.strictObject({
  model: z
    .custom<NonNullable<FitContext["model"]>>(
      isModel,
      "a tf.LayersModel, a function that builds one, or the path of a module that does",
    )
    .optional(),
  callbacks: z.array(z.custom<Callback>(isObject, "a callback: an object with a name and its moments")).optional(),
  augmentations: z
    .array(z.custom<Augmentation>(isObject, "an augmentation: an object with a name and what it does"))
    .optional(),
});

/** What a recipe is for, and how accurate it is where that was measured. */
function recipeLine({ name, title, measured }: Recipe): string {
  const found = measured.map(
    ({ on, accuracy, minutes, processor }) =>
      `; ${formatPercent(accuracy)} on ${on} after ${minutes} minutes on ${processor}`,
  );
  return `  ${name.padEnd(9)} ${title}${found.join("")}`;
}

const isMeasured = Object.values<Recipe>(recipes).some(({ measured }) => measured.length > 0);

export default defineCommand({
  options: TrainOptions,
  values: TrainValues,
  derived: { set: assembledIn },
  positionals: ["set"],
  paths: ["set", "from", "teacher", "sampleWeights", "model", "tensorboard", "to"],
  details: [
    "Checkpoints are chosen on a validation part carved out of train, by person where people are known; never on test.",
    [
      `Recipes (--recipe), ${isMeasured ? "with what was measured" : "none of them measured yet"}:`,
      ...Object.values<Recipe>(recipes).map(recipeLine),
    ].join("\n"),
  ].join("\n\n"),
  examples: [
    "fer train features/ckplus --to runs/first",
    "fer train features/ckplus-10 --to runs/folds --epochs 40",
    "fer train features/ckplus --to runs/seeds --seeds 3",
    "fer train features/ckplus --to runs/own --model ./my-net.mjs",
  ],
  kept: ({ to }) => `What was trained is kept beside ${to}: the same command goes on where it was stopped.`,
  target: ({ to }) => to,
  async run({ set: path, seeds, model, ...tracking }, { hooks, output, signal, values, given: all }) {
    const { set: _set, seeds: _seeds, model: _model, tensorboard: _folder, mlflow: _url, ...given } = all;
    const own = await ownModel(model, values);
    const set = await openSet(path);
    try {
      const trainer = new FerTrainer(given as ConstructorParameters<typeof FerTrainer>[0]);
      const context = { ...values, ...own, ...hooks, citations: citationsOf(set.info) };
      const { options, recipe } = trainer.optionsFor(set, context);
      output.note(`recipe ${recipe.name} (${recipe.reason})`);
      output.note(await untilAborted(chosenEngine(options), signal));
      const tracked = { output, set, signal };
      if (seeds !== null) {
        const made = await trainer.fitSeeds(set, { ...context, seeds });
        for (const run of made.runs) await trackFinished(run, { ...tracked, tracking, under: basename(made.folder) });
        return resultOf(made);
      }
      // Folds are several trainings: each is told when it is there.
      const trackers = set.folds > 0 ? [] : trackersFor(tracking, { to: options.to!, options, output, signal });
      const callbacks = [...(values.callbacks ?? []), ...trackers.map(({ callback }) => callback)];
      const run = await trainer.fit(set, { ...context, callbacks });
      for (const fold of foldNumbers(run.config)) {
        const each = await openRun(join(run.folder, foldFolder(fold)), { reused: run.reused });
        await trackFinished(each, { ...tracked, tracking, under: basename(run.folder) });
      }
      await finish(trackers, { run, ...tracked });
      if (run.reused) output.note(`run ${run.folder} is there already, made from the same data and options`);
      const { folder, metrics, outcome } = run;
      const report = options.report ? join(folder, RUN_FILES.report) : null;
      return { text: renderRun(run), json: { run: folder, metrics, outcome, report }, isKept: run.reused };
    } finally {
      set.close();
    }
  },
});

/** The network of the module that is named; none where the config file passes one, whose name stands in its place. */
async function ownModel(
  file: string | null,
  { model }: { model?: FitContext["model"] },
): Promise<Pick<FitContext, "model" | "modelFile">> {
  if (file === null || file === model?.name) return {};
  return loadModelModule(file);
}

/** What the runs of several seeds say, alone and together. */
function resultOf({ folder, runs, summary }: SeedRuns): CommandResult {
  return {
    text: renderSeeds({ folder, summary }),
    json: {
      run: folder,
      runs: runs.map((run) => run.folder),
      seeds: summary,
      metrics: null,
      outcome: null,
      report: null,
    },
    isKept: runs.every(({ reused }) => reused),
  };
}

/** The set that the assemble section of a config file writes. */
async function assembledIn(config: LoadedConfig): Promise<unknown> {
  const [section] = await parsedSections<{ to: string; name: string }>(config, "assemble");
  return section === undefined ? undefined : `${section.options.to}/${section.options.name}`;
}

/** One line: what will train, on what, in which precision, and why that. The trainer chooses in the same way. */
async function chosenEngine({
  engine,
  precision: asked,
}: Pick<TrainerOptions, "engine" | "precision">): Promise<string> {
  const { status, reason } = await selectEngine(engine);
  const { precision, reason: why } = choosePrecision(status, asked);
  const device = status.device === undefined ? "" : ` on ${status.device}`;
  return `engine ${status.name}${device} (${reason}), ${precision}${asked === "auto" ? ` (${why})` : ""}`;
}
