/** What decides a run, and its last two files: `config.json`, which says so, and `manifest.json`, which seals it. */
import { join } from "node:path";
import { filesBelow, type Identity, Manifest } from "@fer/core/artifact";
import { RUN_FILES, type RunConfig, type RunSession, writeJson } from "@fer/core/run";
import type { FitTask, TrainTask } from "./task.js";

/** Raised when the same options, data and seed give other bytes. */
const FORMAT = 1;

/**
 * Options that are noted but do not decide what was trained: a report can be drawn at any time, a run may be moved, and
 * what a recipe says stands in the other options.
 */
const NOT_DECISIVE = ["engine", "report", "from", "recipe"] as const;

/** Whatever decides the bytes of a run. Engine, versions and commit do not: `config.json` notes them. */
export function identityOf(task: FitTask): Identity {
  const { set, fingerprint, precision, byValue, fold } = task;
  const decisive: Record<string, unknown> = { ...shownOptions(task), precision };
  for (const key of NOT_DECISIVE) delete decisive[key];
  // either takes their place
  if (task.options.steps !== null || task.options.budget !== null) delete decisive["epochs"];
  const { policy, classes } = set.info;
  const data = { name: set.name, fingerprint, policy, classes };
  return { format: FORMAT, options: decisive, data, given: byValue ?? null, fold };
}

export interface Sealing {
  /** Of the task as it was asked for. */
  identity: Identity;
  task: FitTask & Pick<TrainTask, "samples">;
  sessions: readonly RunSession[];
  /** Where the report goes, which shows the config and is part of the manifest. */
  draw: () => Promise<unknown>;
  /** Numbers of the folds that are pooled. */
  folds?: readonly number[];
}

/** Writes both files, when all others are written. */
export async function sealRun(tree: string, { identity, task, sessions, draw, folds }: Sealing): Promise<void> {
  const { options, set, fingerprint, precision, byValue, start, budget, fold, samples } = task;
  const { engine, versions, processor, commit } = sessions[0]!;
  const { modelFile } = task.given;
  const later = sessions.filter(({ notes }, index) => index > 0 || notes.length > 0);
  const config: RunConfig = {
    schema: 1,
    options: shownOptions(task),
    seed: options.seed,
    ...(byValue === undefined ? {} : { given: modelFile === undefined ? byValue : { ...byValue, modelFile } }),
    ...(start === null ? {} : { start: start.info }),
    ...(budget === null ? {} : { budget }),
    precision,
    engine,
    versions,
    ...(processor === undefined ? {} : { processor }),
    commit,
    ...(later.length === 0 ? {} : { sessions: later }),
    data: {
      name: set.name,
      fingerprint,
      policy: set.info.policy,
      ...(set.info.protocol === undefined ? {} : { protocol: set.info.protocol.name }),
    },
    fold,
    ...(folds === undefined ? {} : { folds: [...folds] }),
    samples: {
      train: samples.train.count,
      ...(samples.drawn === null ? {} : { drawn: samples.drawn.length }),
      val: samples.val?.count ?? 0,
      test: samples.test?.count ?? 0,
    },
    manifest: true,
  };
  await writeJson(join(tree, RUN_FILES.config), config);
  await draw();
  // A fold is a run of its own, with a manifest of its own: evaluating it changes that one only.
  const files = (await filesBelow(tree)).filter((file) => !/^fold-\d+\//.test(file));
  await Manifest.write(tree, { artifact: "run", identity, files });
}

/** As `config.json` has them. */
function shownOptions({ options, byValue, sampleWeights, teacher, start }: FitTask): Record<string, unknown> {
  const hashed = (fingerprint: string): string => `sha256 ${fingerprint}`;
  const { to: _to, overwrite: _overwrite, workers: _workers, oversample, ...rest } = options;
  // a file may be moved; what is in it decides
  const shown = {
    ...rest,
    // a run of before there was the option was made of the same options
    ...(oversample ? { oversample } : {}),
    sampleWeights: sampleWeights === null ? null : hashed(sampleWeights.fingerprint),
    teacher: teacher?.fingerprints.map(hashed) ?? null,
  };
  if (byValue === undefined || byValue.model === null) return shown;
  return { ...shown, architecture: start?.info.architecture ?? "custom", net: start?.info.net ?? {} };
}
