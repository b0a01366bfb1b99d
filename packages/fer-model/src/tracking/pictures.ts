/** Pictures of a finished run for trackers: its confusion matrix, and the faces that it is surest and wrong about. */
import type { Metrics } from "@fer/core/run";
import { inThread } from "../thread.js";
import type { FinishOptions } from "./tracker.js";
import { type Mistakes, worstMistakes } from "./worst-mistakes.js";

/** A picture, encoded. */
export interface TrackedPicture {
  png: Uint8Array;
  width: number;
  height: number;
}

/** What is drawn. */
export interface PicturesInput {
  confusion: Pick<Metrics, "confusionMatrix" | "classes">;
  mistakes: Mistakes;
}

export type PictureName = "confusion_matrix" | "misclassified";

/** Draws them of a run that was tested, in a thread of its own; what there is nothing to show of is left out. */
export async function picturesOf(
  { folder, metrics }: { folder: string; metrics: Metrics },
  { set, signal }: FinishOptions,
): Promise<Partial<Record<PictureName, TrackedPicture>>> {
  const input: PicturesInput = { confusion: metrics, mistakes: await worstMistakes(folder, { set }) };
  return inThread(new URL("./pictures-thread.js", import.meta.url), { input, signal });
}
