/** What samples are trained on where that is not their class alone: a blend with votes, and with what runs say. */
import { formatCount } from "@fer/core";
import { calibratedVotes } from "../data/calibrated-votes.js";
import { blended, softLabels } from "../data/soft-labels.js";
import type { Subset } from "../data/subset.js";
import { turns } from "../turns.js";
import { stageOf } from "./stage.js";
import type { FitTask } from "./task.js";
import { taughtTargets } from "./teacher.js";

/** Targets of the samples, `[count, classes]`, rows sum to 1; `null` where they are the classes. */
export async function trainingTargets(samples: Subset, task: FitTask): Promise<Float32Array | null> {
  const { options, teacher, given } = task;
  const { labels: source, labelSmoothing, teacherShare } = options;
  if (source.name === "classes" && teacher === null) return null;
  const { labels, classes } = samples;
  const votes = source.name === "votes" ? samples.votes : null;
  const isCalibrated = source.name === "votes" && source.calibrated && votes !== null;
  const heard = isCalibrated ? await calibratedVotes({ labels, classes, votes }, turns(given.signal)) : votes;
  const share = source.name === "votes" ? source.share : 0;
  const targets = softLabels({ labels, classes, votes: heard }, { share, labelSmoothing });
  if (teacher === null) return targets;
  const message = `asks ${teacher.runs.map(({ folder }) => folder).join(", ")} about ${formatCount(samples.count)} images`;
  given.onProgress?.({ ...stageOf(task), done: 0, total: null, message });
  return blended(targets, { taught: await taughtTargets(teacher, { samples, task }), share: teacherShare });
}
