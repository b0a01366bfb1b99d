/** `FerTrainer`: options and a set in, a run folder out. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OptionsError, parseOptions, untilAborted } from "@fer/core";
import { type RunBudget, seedFolder, SEEDS_FILE, writeJson } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet } from "@fer/core/set";
import type { z } from "zod";
import { architectures, netOf } from "../architectures/index.js";
import { choosePrecision } from "../engine/choose-precision.js";
import { selectEngine } from "../engine/select.js";
import { openRun, type Run } from "../predict/run.js";
import { applyRecipe, type ChosenRecipe } from "../recipes/apply-recipe.js";
import { endedBy, fit } from "./fit.js";
import { TrainerOptions } from "./options.js";
import { readSampleWeights } from "./sample-weights.js";
import { ofSeed, refuseOthers, type SeedRuns, seedsOf, SeedsOptions, summaryOf } from "./seeds.js";
import { workingCommit } from "./sessions.js";
import { withStart } from "./starting-model.js";
import type { FitContext } from "./task.js";
import { openTeacher } from "./teacher.js";

/**
 * Trains facial-expression models.
 *
 * @example
 * ```ts
 * import { FerTrainer } from "@fer/model";
 * import { openSet } from "@fer/core/set";
 *
 * const trainer = new FerTrainer({ architecture: "tiny", epochs: 2, engine: "cpu", to: "runs/first" });
 * const run = await trainer.fit(await openSet("features/mix"));
 * console.log(run.metrics?.accuracy);
 * ```
 */
export class FerTrainer {
  /** As they are without a recipe. */
  readonly options: TrainerOptions;
  readonly #given: z.input<typeof TrainerOptions>;

  /** @throws OptionsError for an unknown or malformed option. */
  constructor(options: z.input<typeof TrainerOptions> = {}) {
    const isOfRecipe = options.architecture === undefined && options.recipe !== "none";
    // Which network has these options is told by the set.
    this.options = isOfRecipe ? { ...parsed({ ...options, net: {} }), net: options.net ?? {} } : parsed(options);
    this.#given = options;
  }

  /**
   * What {@link fit} would train a set with: the recipe that is named, or that fits the set, and the options that were
   * given over it.
   *
   * @throws OptionsError where they do not go together.
   * @example
   * ```ts
   * import { FerTrainer } from "@fer/model";
   * import { openSet } from "@fer/core/set";
   *
   * const { options, recipe } = new FerTrainer({ recipe: "hour", seed: 2 }).optionsFor(await openSet("features/mix"));
   * console.log(recipe.name, options.seed); // hour 2
   * ```
   */
  optionsFor(
    { info }: Pick<AssembledSet, "info">,
    { model }: Pick<FitContext, "model"> = {},
  ): { options: TrainerOptions; recipe: ChosenRecipe } {
    const { options, recipe } = applyRecipe(this.#given, { info, hasModel: model !== undefined });
    return { options: parsed(options), recipe };
  }

  /**
   * Trains on a set and tests on its test part, or on all folds. A run of the same options and data that is there
   * already is kept; one that was interrupted goes on where it was stopped.
   *
   * @throws OptionsError where set, model and options do not fit, `BUSY` where another process trains into the folder,
   * `OTHER_OPTIONS` and `OTHER_UNFINISHED` where the folder holds the run of another training; FormatError where the
   * set is not as it was written; EngineError where no engine runs or the loss is not finite in the first epoch;
   * FerError `ABORTED` where the signal stopped it.
   */
  fit(set: AssembledSet, context: FitContext = {}): Promise<Run> {
    return this.#fit(set, { context, budget: null });
  }

  async #fit(set: AssembledSet, { context, budget }: { context: FitContext; budget: RunBudget | null }): Promise<Run> {
    const begun = performance.now();
    const { options } = this.optionsFor(set, context);
    const folder = options.to ?? join(await mkdtemp(join(tmpdir(), "fer-run-")), set.name);
    const engine = await untilAborted(selectEngine(options.engine), context.signal).catch((error: unknown) => {
      throw endedBy(error, { signal: context.signal, folder });
    });
    const { precision } = choosePrecision(engine.status, options.precision);
    const [fingerprint, commit] = [await acceptedFingerprint(set), await workingCommit()];
    const sampleWeights = options.sampleWeights === null ? null : await readSampleWeights(options.sampleWeights);
    const teacher = options.teacher === null ? null : await openTeacher(options.teacher, set);
    const call = { options, set, fingerprint, engine, precision, commit, sampleWeights, teacher, begun, budget };
    const status = await withStart({ options, set, given: context }, (start) => fit({ ...call, ...start }, folder));
    return openRun(folder, { reused: status === "kept" });
  }

  /**
   * Trains once a seed, into `<to>/seed-<n>`, and sums up in `<to>/seeds.json`: scores of each, their mean and deviation,
   * and the scores of all together. Each is a run like any other: one that is there already is kept, so that a call with
   * more seeds trains those alone. A budget is that of each; what it comes to is measured for the first.
   *
   * @throws As {@link fit}, and OptionsError where a seed stands twice, `TARGET_NOT_EMPTY` where the folder holds something
   * else.
   * @example
   * ```ts
   * import { FerTrainer } from "@fer/model";
   * import { openSet } from "@fer/core/set";
   *
   * const trainer = new FerTrainer({ architecture: "tiny", epochs: 2, engine: "cpu", to: "runs/seeds" });
   * const { runs, summary } = await trainer.fitSeeds(await openSet("features/mix"), { seeds: [1, 2, 3] });
   * console.log(runs.length, summary.tested?.spread.accuracy); // such as 3 { mean: 0.71, deviation: 0.02 }
   * ```
   */
  async fitSeeds(
    set: AssembledSet,
    { seeds: asked, ...context }: FitContext & z.input<typeof SeedsOptions>,
  ): Promise<SeedRuns> {
    const given = parseOptions({ seeds: asked }, { schema: SeedsOptions, subject: "trainer options" });
    const seeds = seedsOf(given.seeds);
    const folder = this.options.to ?? (await mkdtemp(join(tmpdir(), "fer-runs-")));
    await refuseOthers(folder);
    const runs: Run[] = [];
    for (const seed of seeds) {
      const trainer = new FerTrainer({ ...this.#given, seed, to: join(folder, seedFolder(seed)) });
      const budget = runs[0]?.config.budget ?? null;
      runs.push(await trainer.#fit(set, { context: ofSeed(context, seed), budget }));
    }
    const summary = await summaryOf(runs);
    await writeJson(join(folder, SEEDS_FILE), summary);
    return { folder, runs, summary };
  }
}

function parsed(given: z.input<typeof TrainerOptions>): TrainerOptions {
  const options = parseOptions(given, { schema: TrainerOptions, subject: "trainer options" });
  refuseTwoLengths(options);
  return { ...options, net: netOf(architectures[options.architecture], options.net) };
}

function refuseTwoLengths({ steps, budget }: TrainerOptions): void {
  if (steps === null || budget === null) return;
  throw new OptionsError({
    code: "TWO_LENGTHS",
    subject: "budget",
    found: `${budget}, and ${steps} steps`,
    expected: "one of them: a budget becomes a number of steps",
    fix: "Leave one out",
  });
}
