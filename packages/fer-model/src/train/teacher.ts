/**
 * Distillation (Hinton et al. 2015): a part of each target is what finished runs say about the image.
 *
 *     p = mean of the runs' probabilities, each over the image and its mirror image
 *     q = p^(1 / temperature), scaled to a sum of 1
 *     t = (1 - share) * target + share * q
 *
 * The images are asked about once, as they stand in the set: what is done to them in training does not change q. Nor does
 * the temperature that a run was calibrated with.
 */
import { createHash } from "node:crypto";
import { OptionsError } from "@fer/core";
import { softened } from "@fer/core/inference";
import { readTrainingIndex, RUN_FILES, RunFolder, type TrainingIndex } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import type { Subset } from "../data/subset.js";
import { PREDICT_ONLY, predictorOf, predictSubset } from "../predict/predict.js";
import { openRun, type Run } from "../predict/run.js";
import type { FitTask } from "./task.js";

/** Runs that teach. */
export interface Teacher {
  runs: readonly Run[];
  /** sha256 of the network of each and of what it is fed, hex. */
  fingerprints: readonly string[];
  /** What each has seen; `null` where it does not say. */
  seen: readonly (TrainingIndex | null)[];
}

/**
 * Opens the runs that teach a training on a set.
 *
 * @throws OptionsError where one has other classes, in whatever order, or takes other images; FormatError where it is not
 * as it was written.
 */
export async function openTeacher(folders: readonly string[], { info }: Pick<AssembledSet, "info">): Promise<Teacher> {
  const runs: Run[] = [];
  const fingerprints: string[] = [];
  const seen: (TrainingIndex | null)[] = [];
  for (const folder of folders) {
    const run = await openRun(folder);
    const files = await RunFolder.open(folder);
    const { model, outcome } = run;
    if (model === null || outcome === null)
      throw unfit(run, {
        found: "it has no weights of its own",
        expected: "a run with weights: of folds, one of them",
      });
    const { size, channels } = info.image;
    if ([...model.classes].sort().join("\n") !== [...info.classes].sort().join("\n")) {
      throw unfit(run, {
        found: `the classes ${model.classes.join(", ")}`,
        expected: `those of the set: ${info.classes.join(", ")}`,
      });
    }
    if (model.size !== size || model.channels !== channels) {
      throw unfit(run, {
        found: `images of ${model.size} x ${model.size} x ${model.channels}`,
        expected: `those of the set: ${size} x ${size} x ${channels}`,
      });
    }
    const hash = createHash("sha256");
    for (const file of [RUN_FILES.model, `${outcome.weights}.json`, `${outcome.weights}.h5`])
      hash.update((await files.bytes(file))!);
    runs.push(run);
    fingerprints.push(hash.digest("hex"));
    seen.push(await readTrainingIndex(files));
  }
  return { runs, fingerprints, seen };
}

const unfit = ({ folder }: Run, parts: { found: string; expected: string }): OptionsError =>
  new OptionsError({ code: "TEACHER_DOES_NOT_FIT", subject: `teacher ${folder}`, ...parts });

/**
 * What the runs say about samples, `[count, classes]`, with the columns of the samples' classes; rows sum to 1.
 */
export async function taughtTargets(
  { runs }: Pick<Teacher, "runs">,
  { samples, task }: { samples: Subset; task: Pick<FitTask, "engine" | "given" | "options"> },
): Promise<Float32Array> {
  const { classes, count } = samples;
  const { signal } = task.given;
  const sums = new Float64Array(count * classes.length);
  for (const run of runs) {
    const model = run.model!;
    const network = await run.network();
    try {
      const { scale, offset } = model;
      const step = await task.engine.engine.prepare({ ...PREDICT_ONLY, model: network, input: { scale, offset } });
      try {
        const found = await predictSubset(predictorOf(step, { ...model, views: 2, signal }), samples);
        const columns = classes.map((name) => model.classes.indexOf(name));
        for (let at = 0; at < sums.length; at++) {
          const label = at % classes.length;
          sums[at]! += found[at - label + columns[label]!]!;
        }
      } finally {
        step.dispose();
      }
    } finally {
      network.dispose();
    }
  }
  return softened(sums, { classes: classes.length, temperature: task.options.teacherTemperature });
}
