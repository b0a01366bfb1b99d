/**
 * Trains with options drawn from a space and ranks the runs by validation. Each trial is a run like any other: one that is
 * there already is kept, so that an interrupted sweep goes on where it was stopped, and one with more trials trains those
 * alone.
 */
import { EngineError, FormatError, OptionsError, parseOptions } from "@fer/core";
import { parseJson, writeJson } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet } from "@fer/core/set";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { saveCharts } from "../charts/render.js";
import { sweepChart } from "../charts/sweep-chart.js";
import { Monitor } from "../train/monitor.js";
import type { TrainerOptions } from "../train/options.js";
import type { FitContext } from "../train/task.js";
import { FerTrainer } from "../train/trainer.js";
import { type Drawn, drawTrial, SweepSpace, withDrawn } from "./space.js";
import { STRATEGIES, SWEEP_FILE, type SweepRow, SweepSummary } from "./summary.js";

type Given = z.input<typeof TrainerOptions>;

/** Of successive halving: what a round multiplies the epochs by and divides the trials by, and how many rounds there are. */
const ETA = 3;
const ROUNDS = 3;

export const SweepOptions = z.strictObject({
  space: SweepSpace.describe(
    "Options to vary, by name, each with a list of values or a range (min, max, log, integer)",
  ),
  trials: z.number().int().positive().max(10_000).default(12).describe("How many times options are drawn"),
  strategy: z
    .enum(STRATEGIES)
    .default("random")
    .describe(
      "random: every trial in full; halving: all with a ninth of the epochs, the best third with a third, the best third of those in full (Jamieson and Talwalkar 2016)",
    ),
  drawSeed: z.number().int().nonnegative().default(1).describe("Decides what is drawn; seed decides the trainings"),
  to: z.string().min(1).describe("Folder of the runs, sweep.json and a chart"),
});

/**
 * Sweeps. The test part of the set, if it has one, is measured by every run and looked at by no choice: the ranking is by
 * validation alone.
 *
 * @param given Options of the trainer that all trials share.
 * @throws OptionsError where a trial's options are refused, before anything is trained; `NO_VALIDATION` where the monitor is
 *   not of a validation part; `OTHER_SWEEP` where the folder holds another sweep; FormatError `TARGET_NOT_EMPTY` where it
 *   holds something else; as `FerTrainer.fit` but for a trial that diverges, which is noted.
 * @example
 * ```ts
 * import { openSet } from "@fer/core/set";
 * import { sweep } from "@fer/model";
 *
 * const set = await openSet("features/mix");
 * const space = { learningRate: { min: 0.001, max: 0.03, log: true }, weightDecay: [0, 0.05] };
 * const shared = { architecture: "tiny", epochs: 2, engine: "cpu" } as const;
 * const { rows, best } = await sweep(set, { space, trials: 3, to: "runs/sweep", train: shared });
 * console.log(rows.length, best); // such as 3 trial-2
 * ```
 */
export async function sweep(
  set: AssembledSet,
  { train = {}, signal, onProgress, ...given }: z.input<typeof SweepOptions> & { train?: Given } & FitContext,
): Promise<SweepSummary> {
  const { to, ...asked } = parseOptions(given, { schema: SweepOptions, subject: "sweep" });
  const { options } = new FerTrainer(train).optionsFor(set);
  refuse(options, { set, strategy: asked.strategy });
  const trials = Array.from({ length: asked.trials }, (_, index) => {
    const drawn = drawTrial(asked.space, { seed: asked.drawSeed, trial: index + 1 });
    return { trial: index + 1, drawn, train: withDrawn(train, drawn) as Given };
  });
  for (const trial of trials) checkTrial(trial, set);
  const { name } = set;
  const before = await earlier(to);
  const summary: SweepSummary = {
    schema: 1,
    set: { name, fingerprint: await acceptedFingerprint(set) },
    asked: { ...asked, train },
    monitor: options.monitor,
    rows: [],
    best: null,
  };
  refuseOther(before, { summary, to });

  let rest = trials;
  for (const [round, epochs] of lengths(options.epochs, asked.strategy).entries()) {
    const rows: SweepRow[] = [];
    for (const [at, trial] of rest.entries()) {
      const isFull = epochs === options.epochs;
      const folder = `trial-${trial.trial}${isFull ? "" : `-epochs-${epochs}`}`;
      const stage = `round ${round + 1}, trial ${at + 1} of ${rest.length}`;
      const context: FitContext = {
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined
          ? {}
          : { onProgress: (progress) => onProgress({ ...progress, stage: `${stage}: ${progress.stage}` }) }),
      };
      const trainer = new FerTrainer({ ...trial.train, epochs, to: join(to, folder) });
      const row = { trial: trial.trial, epochs, folder, drawn: { ...trial.drawn } };
      rows.push({ ...row, ...(await outcomeOf(trainer, { set, context, monitor: new Monitor(options.monitor) })) });
      await writeJson(join(to, SWEEP_FILE), { ...summary, rows: [...summary.rows, ...rows] });
    }
    summary.rows.push(...rows);
    const ranked = rankedRows(rows, options.monitor);
    if (epochs === options.epochs) summary.best = ranked[0]?.folder ?? null;
    const kept = new Set(ranked.slice(0, Math.max(1, Math.ceil(rest.length / ETA))).map((row) => row.trial));
    rest = rest.filter(({ trial }) => kept.has(trial));
  }
  await writeJson(join(to, SWEEP_FILE), summary);
  await saveCharts(to, { charts: { sweep: sweepChart(summary) }, signal });
  return summary;
}

/** Epochs of each round. */
function lengths(epochs: number, strategy: (typeof STRATEGIES)[number]): number[] {
  if (strategy === "random") return [epochs];
  const rounds = Array.from({ length: ROUNDS }, (_, round) => Math.round(epochs / ETA ** (ROUNDS - 1 - round)));
  return [...new Set(rounds.map((each) => Math.max(1, each)))];
}

/** Trials that were trained, the best first; of equal ones the earlier. */
export function rankedRows(rows: readonly SweepRow[], monitor: Monitor["name"]): SweepRow[] {
  const sign = monitor.endsWith("loss") ? 1 : -1;
  return rows.filter(({ score }) => score !== null).sort((a, b) => sign * (a.score! - b.score!) || a.trial - b.trial);
}

async function outcomeOf(
  trainer: FerTrainer,
  { set, context, monitor }: { set: AssembledSet; context: FitContext; monitor: Monitor },
): Promise<Pick<SweepRow, "score" | "bestEpoch" | "problem">> {
  try {
    const { history } = await trainer.fit(set, context);
    for (const row of history) monitor.improved(row);
    return { score: monitor.best, bestEpoch: monitor.best === null ? null : monitor.bestEpoch, problem: null };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { score: null, bestEpoch: null, problem: error.message };
  }
}

/** @throws OptionsError for what cannot be ranked, and lengths that rounds cannot shorten. */
function refuse(options: TrainerOptions, { set, strategy }: { set: AssembledSet; strategy: string }): void {
  if (!options.monitor.startsWith("val_") || set.folds > 0 || (!set.has("val") && options.valShare === 0)) {
    throw new OptionsError({
      code: "NO_VALIDATION",
      subject: "sweep",
      found:
        set.folds > 0 ? "a set of folds" : `the monitor ${options.monitor}, and a val share of ${options.valShare}`,
      expected: "a set of parts, and a monitor of its validation part: trials are ranked by it",
    });
  }
  if (strategy !== "halving" || (options.steps === null && options.budget === null)) return;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "sweep",
    found: options.steps === null ? `a budget of ${options.budget}` : `${options.steps} steps`,
    expected: "a length in epochs: halving shortens it",
    fix: "Name --epochs, or --strategy random",
  });
}

function checkTrial({ trial, drawn, train }: { trial: number; drawn: Drawn; train: Given }, set: AssembledSet): void {
  try {
    new FerTrainer(train).optionsFor(set);
  } catch (cause) {
    if (!(cause instanceof OptionsError)) throw cause;
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "sweep",
      found: `trial ${trial} would have ${JSON.stringify(drawn)}: ${cause.message}`,
      fix: "Mend the space; nothing was trained",
      cause,
    });
  }
}

/** What a folder holds of a sweep; `null` for a new one. */
async function earlier(folder: string): Promise<SweepSummary | null> {
  const path = join(folder, SWEEP_FILE);
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [] as string[];
    throw error;
  });
  if (entries.includes(SWEEP_FILE)) return parseJson(await readFile(path), { path, schema: SweepSummary });
  const other = entries.sort().find((entry) => !entry.startsWith(".") && !/^trial-\d+/.test(entry));
  if (other === undefined) return null;
  throw new FormatError({
    code: "TARGET_NOT_EMPTY",
    subject: "sweep",
    found: `"${folder}" holds "${other}", which is not of a sweep`,
    expected: "a new folder, or one of a sweep",
    fix: "Choose another --to; nothing was changed",
  });
}

/** @throws OptionsError where a folder holds a sweep of another set or space. */
function refuseOther(before: SweepSummary | null, { summary, to }: { summary: SweepSummary; to: string }): void {
  if (before === null) return;
  const { trials: _before, ...earlierAsked } = before.asked;
  const { trials: _now, ...asked } = summary.asked;
  const names = (Object.keys(asked) as (keyof typeof asked)[]).filter(
    (name) => !isDeepStrictEqual(JSON.parse(JSON.stringify(asked[name])), earlierAsked[name]),
  );
  if (before.set.fingerprint !== summary.set.fingerprint) names.unshift("set" as never);
  if (names.length === 0) return;
  throw new OptionsError({
    code: "OTHER_SWEEP",
    subject: `"${to}"`,
    found: `it holds a sweep with another ${names.join(", ")}`,
    expected: "the same sweep, whose number of trials alone may grow",
    fix: "Choose another --to; nothing was changed",
  });
}
