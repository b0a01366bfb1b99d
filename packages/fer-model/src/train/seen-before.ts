/** What the networks behind a training had seen: the one that it starts from, and those that teach it. */
import { joinTrainingIndexes, type TrainingIndex } from "@fer/core/run";
import type { FitTask } from "./task.js";

/** `undefined` where there are none; `null` where one of them does not say. */
export function seenBefore({ start, teacher }: Pick<FitTask, "start" | "teacher">): TrainingIndex | null | undefined {
  const indexes = [...(start === null ? [] : [start.seen]), ...(teacher?.seen ?? [])];
  if (indexes.length === 0) return undefined;
  const known = indexes.filter((index) => index !== null);
  return known.length < indexes.length ? null : joinTrainingIndexes(known);
}
