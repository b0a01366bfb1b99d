/** A thread of the pipeline: makes the batches it is asked for, one after another. */
import { parentPort, workerData } from "node:worker_threads";
import { augmentationsOf } from "./augmentation.js";
import { BatchMaker } from "./batches.js";
import type { BatchPlace, ThreadAnswer, ThreadData } from "./pipeline.js";
import { Subset } from "./subset.js";

const { samples, options } = workerData as ThreadData;
const { augmentation, ...rest } = options;
const augmentations = augmentation === null ? [] : augmentationsOf(augmentation);
const maker = new BatchMaker(Subset.fromPlan(samples), { ...rest, augmentations });

parentPort!.on("message", (place: BatchPlace) => {
  void maker.at(place).then(
    (batch) => {
      const { inputs, labels, weights } = batch;
      const parts = [inputs, labels, ...(weights === undefined ? [] : [weights])];
      answer(
        { ...place, batch },
        parts.map(({ buffer }) => buffer as ArrayBuffer),
      );
    },
    // The caller tries it himself, and meets the same error.
    () => answer({ ...place, batch: null }, []),
  );
});

function answer(message: ThreadAnswer, transfer: ArrayBuffer[]): void {
  parentPort!.postMessage(message, transfer);
}
