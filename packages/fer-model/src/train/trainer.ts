/** `FerTrainer`: options and a set in, a run folder out. */
import type { AssembledSet } from "@fer/core/set";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { selectEngine } from "../engine/select.js";
import { workingCommit } from "./provenance.js";
import { openRun, type Run } from "../predict/run.js";
import { checkPrecision } from "./check-task.js";
import { type FitContext, Fitting } from "./fitting.js";
import type { TrainerOptions } from "./options.js";
import { parseOptions } from "./parse-options.js";

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
  readonly options: TrainerOptions;

  /** @throws OptionsError for an unknown or malformed option. */
  constructor(options: z.input<typeof TrainerOptions> = {}) {
    this.options = parseOptions(options);
  }

  /**
   * Trains on a set and tests on its test part, or on all folds.
   *
   * @throws OptionsError where set, model and options do not fit; EngineError where no engine runs or
   * the loss is no number in the first epoch; the signal's reason where it is aborted.
   */
  async fit(set: AssembledSet, context: FitContext = {}): Promise<Run> {
    const { options } = this;
    const folder = options.to ?? join(await mkdtemp(join(tmpdir(), "fer-run-")), set.name);
    const selected = await selectEngine(options.engine);
    checkPrecision(selected.engine.name, options);
    const fitting = new Fitting({ options, set, context, selected, commit: await workingCommit() });
    if (options.folds === null) await fitting.single(folder);
    else await fitting.folds(folder, options.folds);
    return openRun(folder);
  }
}
