import type { RunConfig } from "@fer/core/run";

/** What progress calls a training, or that of a fold, and what it counts. */
export const stageOf = ({ fold }: Pick<RunConfig, "fold">): { stage: string; unit: string } => ({
  stage: fold === null ? "train" : `fold ${fold.index}/${fold.of}`,
  unit: "images",
});
