/** What a run of folds says of the samples of its set, each by the network of the fold that tests it. */
import { FormatError, OptionsError } from "@fer/core";
import { RUN_FILES, RunFolder } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet, type SampleRow } from "@fer/core/set";
import { parsePredictions } from "../predict/predictions-file.js";
import type { Run } from "../predict/run.js";
import type { LabelledPredictions } from "./find-mislabelled.js";

/** Predictions with the row of the part `all` of each. */
export interface FoldPredictions extends LabelledPredictions {
  /** `[n]` rows of the part `all`. */
  rows: Uint32Array;
  samples: readonly SampleRow[];
}

/**
 * Predictions of samples that no network was trained on.
 *
 * @throws OptionsError where the run is not one of the folds of the set
 */
export async function foldPredictions(run: Run, set: AssembledSet): Promise<FoldPredictions> {
  const { classes } = set.info;
  if (set.folds === 0 || run.config.data.fingerprint !== (await acceptedFingerprint(set))) {
    throw new OptionsError({
      code: "OTHER_SET",
      subject: run.folder,
      found: set.folds === 0 ? `${set.name} has parts, not folds` : `it was not trained on ${set.name}`,
      expected: `a run of the folds of the set`,
      fix: set.folds === 0 ? "Assemble with folds: --split kfold, or subject-kfold" : "Name its own set",
    });
  }
  const bytes = await (await RunFolder.open(run.folder)).bytes(RUN_FILES.predictions);
  const all: SampleRow[] = [];
  for await (const row of set.part("all").rows()) all.push(row);
  const tested: number[] = [];
  for (let fold = 1; fold <= set.folds; fold++) for (const row of (await set.fold(fold)).test) tested.push(row);
  const text = bytes?.toString("utf8") ?? "";
  const { ids, truth, probabilities } = parsePredictions(text, classes);
  if (ids.length !== tested.length || ids.some((id, i) => id !== all[tested[i]!]!.id)) {
    throw new FormatError({
      code: "BAD_RUN",
      subject: `${run.folder}/${RUN_FILES.predictions}`,
      found: `${ids.length} predictions`,
      expected: `those of the ${tested.length} samples that the folds of ${set.name} test, in their order`,
      fix: "Train again",
    });
  }
  const samples = tested.map((row) => all[row]!);
  return { labels: truth, probabilities, classes: classes.length, rows: Uint32Array.from(tested), samples };
}
