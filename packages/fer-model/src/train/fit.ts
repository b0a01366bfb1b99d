/**
 * One call of `fit`: finds or builds the run folder. A run of its own is made in one piece; a run of folds is built out
 * of runs, each of them kept once it is finished.
 */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FerError } from "@fer/core";
import { build, type Built, type Existing, Manifest, stopped, type Workplace } from "@fer/core/artifact";
import { foldFolder, RUN_FILES, type RunBudget, RunFolder, type RunSession } from "@fer/core/run";
import { verifySet } from "@fer/core/set";
import { foldSamples, foldsToRun, partSamples, type Samples } from "../data/samples.js";
import { Subset } from "../data/subset.js";
import { drawReport, writeReport } from "../report/write-report.js";
import { budgeted } from "./budgeted.js";
import { fingerprintsOf } from "./by-value.js";
import { makeRun, type RunPlace } from "./make-run.js";
import type { TrainerOptions } from "./options.js";
import { writePooled } from "./pooled.js";
import { identityOf, sealRun } from "./seal-run.js";
import { distinctSessions } from "./sessions.js";
import { stageOf } from "./stage.js";
import { type FitTask, modelOf, withTraining } from "./task.js";

type Call = Omit<FitTask, "byValue" | "fold">;

/** Whether a run was made, gone on with or found. */
type Status = Built<unknown>["status"];

/** Makes the run of a task in `folder`, or finds it there. */
export async function fit(task: Call, folder: string): Promise<Status> {
  const { options, given } = task;
  const { signal } = given;
  try {
    const folds = foldsToRun(task.set, options.folds);
    const status = await (folds === null ? fitParts(task, folder) : fitFolds({ ...task, folds }, folder));
    if (status === "kept" && options.report && !(await hasReport(folder))) await writeReport(folder, given);
    return status;
  } catch (error) {
    throw endedBy(error, { signal, folder });
  }
}

/** The error that a training ends with: where the signal has stopped it, one that says how to go on. */
export function endedBy(
  error: unknown,
  { signal, folder }: { signal: AbortSignal | undefined; folder: string },
): unknown {
  if (signal?.aborted !== true || (error !== signal.reason && !isAbort(error))) return error;
  return stopped({
    subject: "train",
    target: folder,
    fix: "Run the same training again: it goes on where it was stopped",
  });
}

/** Trains on train, validates on val, tests on test. */
async function fitParts(call: Call, folder: string): Promise<Status> {
  const samples = await partSamples(call.set, call.options);
  const task = { ...call, fold: null, byValue: byValueOf(call, samples), samples };
  return buildRun({ task, folder }, async (place) => {
    await verifyData(task);
    const draw = () => drawIfAsked(task, { folder, tree: place.tree });
    await withTraining(task, async (training) => {
      const planned = await budgeted(training, { scratch: place.scratch, trainings: 1 });
      await makeRun(planned, { ...place, draw });
    });
  });
}

/** Trains and tests once a fold, and pools the tests. Finished folds of an interrupted run are kept. */
async function fitFolds({ folds, ...call }: Call & { folds: readonly number[] }, folder: string): Promise<Status> {
  const all = await Subset.of(call.set.part("all"));
  const samples = { train: all, drawn: null, val: null, test: all };
  const { options } = call;
  const task = { ...call, fold: null, byValue: byValueOf(call, samples), samples };
  return buildRun({ task, folder }, async ({ identity, tree, scratch, onKept }) => {
    await verifyData(task);
    for (const index of folds) {
      const inFold = await foldSamples(call.set, { ...options, fold: index, all });
      // In a work folder of ours: a fold that was damaged is trained again.
      const fold = {
        ...task,
        options: { ...options, overwrite: true },
        samples: inFold,
        fold: { index, of: call.set.folds },
      };
      await buildRun({ task: fold, folder: join(tree, foldFolder(index)) }, (place) => {
        const foldPlace = {
          ...place,
          onKept() {
            place.onKept();
            onKept();
          },
          draw: async () => {},
        };
        return withTraining(fold, async (training) => {
          // Measured once: all folds take as many steps.
          await makeRun(await budgeted(training, { scratch, trainings: folds.length }), foldPlace);
        });
      });
      onKept();
    }
    await writePooled(tree, { folds, set: call.set, signal: call.given.signal });
    const draw = () => drawIfAsked(task, { folder, tree });
    const sessions = await sessionsOfFolds(tree, folds);
    const length = await lengthOfFolds(tree, folds);
    await sealRun(tree, {
      identity,
      task: { ...task, options: { ...options, ...length.options }, budget: length.budget },
      sessions,
      draw,
      folds,
    });
  });
}

/** Builds one run folder, of its own or of a fold. */
async function buildRun(
  { task, folder }: { task: FitTask; folder: string },
  work: (place: Omit<RunPlace, "draw">) => Promise<void>,
): Promise<Status> {
  const { options, given } = task;
  let isKept = false;
  const identity = identityOf(task);
  const place = ({ tree, scratch }: Workplace) => ({ identity, tree, scratch, onKept: () => void (isKept = true) });
  const { status } = await build(
    {
      subject: "train",
      to: folder,
      description: RUN_FILES.config,
      identity,
      read: (path) => readRun(path, task),
      resume: true,
      // a training that cannot go on must not stand in the way of one with other options
      keepsAfter: (error) => isKept && !(error instanceof FerError && error.code === "LOSS_NOT_FINITE"),
      overwrite: options.overwrite,
      signal: given.signal,
    },
    (workplace) => work(place(workplace)),
  );
  return status;
}

/** What is at the target, for `build`: every file of it is read. */
async function readRun(folder: string, task: FitTask): Promise<Existing | null> {
  const { onProgress, signal } = task.given;
  const manifest = await Manifest.read(folder).catch(() => null);
  // an image folder is not to be replaced by a run, not even with `overwrite`
  if (manifest !== null && manifest.artifact !== "run") return null;
  const identity = manifest?.identity ?? null;
  try {
    const run = await RunFolder.open(folder);
    if (run.manifest === null) return { identity: null, problem: "it was made by an earlier version" };
    const [damage] = await run.damages(signal);
    if (damage === undefined) return { identity };
    throw new FerError({ code: "DAMAGED", subject: damage.file, found: damage.found });
  } catch (error) {
    if (!(error instanceof FerError)) throw error;
    // nothing there, or a config.json of another program
    if (manifest === null && ["NO_RUN", "BAD_RUN"].includes(error.code)) return null;
    const problem = error.message.split(". ")[0]!;
    if (task.fold !== null)
      onProgress?.({ ...stageOf(task), done: 0, total: null, message: `${problem}: it is trained again` });
    return { identity, problem };
  }
}

async function verifyData({ set, given }: FitTask): Promise<void> {
  await verifySet(set, { parts: set.parts, ...given });
}

function byValueOf(call: Call, samples: Samples): FitTask["byValue"] {
  const { model: given, augmentations = [] } = call.given;
  if (given === undefined) return fingerprintsOf(null, augmentations);
  const { model, owned } = modelOf({ ...call, samples });
  try {
    return fingerprintsOf(model, augmentations);
  } finally {
    if (owned) model.dispose();
  }
}

async function drawIfAsked(
  { options, given }: FitTask,
  { folder, tree }: { folder: string; tree: string },
): Promise<void> {
  if (!options.report) return;
  const run = await RunFolder.open(tree, { isUnsealed: true });
  const { citations, signal } = given;
  await drawReport(run, { name: basename(folder), signal, ...(citations === undefined ? {} : { citations }) });
}

/** What the folds ran on, one after another. */
async function sessionsOfFolds(tree: string, folds: readonly number[]): Promise<RunSession[]> {
  const sessions: RunSession[] = [];
  for (const index of folds) {
    const { config } = await RunFolder.open(join(tree, foldFolder(index)));
    const { engine, versions, processor, commit, sessions: later = [] } = config;
    sessions.push({ engine, versions, processor, commit, from: null, notes: [] });
    for (const session of later) sessions.push({ ...session, from: null });
  }
  return distinctSessions(sessions);
}

/** The number of steps that all folds have, and the epochs of the first one. */
async function lengthOfFolds(
  tree: string,
  [first]: readonly number[],
): Promise<{ options: Pick<TrainerOptions, "steps" | "epochs">; budget: RunBudget | null }> {
  const { config } = await RunFolder.open(join(tree, foldFolder(first!)));
  const { steps, epochs } = config.options as Pick<TrainerOptions, "steps" | "epochs">;
  return { options: { steps, epochs }, budget: config.budget ?? null };
}

const hasReport = (folder: string): Promise<boolean> =>
  stat(join(folder, RUN_FILES.report)).then(
    () => true,
    () => false,
  );

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
