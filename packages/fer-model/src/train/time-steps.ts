/** What a training takes, measured on a copy of it that is thrown away: nothing of the training itself has begun. */
import { rowsBefore } from "../data/batches.js";
import { allOf } from "../data/subset.js";
import { openBatches } from "../data/pipeline.js";
import { turns } from "../turns.js";
import { MEASURING_STEPS } from "./averaged-weights.js";
import type { Costs } from "./budget.js";
import { CHECKPOINT_SHARE } from "./checkpoint.js";
import { updateSize } from "./options.js";
import { lengthOf } from "./planned-options.js";
import { type SizedStep, stepFor, wholeEdge } from "./sized-step.js";
import type { TrainTask } from "./task.js";
import { validate } from "./validate.js";

/** Steps that are timed for each size of images. */
const TIMED = 50;
/** Steps before those: by then the batches that were made ahead of the first one are used up. */
const BEFORE = 10;
/** Least steps to time where {@link TIMED} take too long. */
const LEAST = 3;
/** Images whose prediction is timed, and those in one call of the engine. */
const [PREDICTED, AT_ONCE] = [512, 64];

interface TimingOptions {
  /** Seconds after which fewer steps have to do. */
  most: number;
  /** Told of every step. */
  onStep(done: number, total: number): void;
}

/** Costs of a training, by a clock that only goes forward; `timed`: steps of each size, of that with the fewest. */
export async function timeSteps(
  task: TrainTask,
  { most, onStep }: TimingOptions,
): Promise<{ costs: Costs; timed: number }> {
  const { options, samples } = task;
  const whole = wholeEdge(task);
  const edges = [...new Set([...(options.sizes ?? []), whole])];
  const [step, epoch] = [new Map<number, number>(), new Map<number, number>()];
  let [once, timed] = [0, TIMED];
  for (const [index, edge] of edges.entries()) {
    const from = now();
    const sized = await stepFor(task, edge);
    try {
      await warmUp(task, sized);
      once += now() - from;
      const found = await timedSteps(task, {
        sized,
        most: most / edges.length,
        onStep: (done) => onStep(index * (BEFORE + TIMED) + done, edges.length * (BEFORE + TIMED)),
      });
      timed = Math.min(timed, found.count);
      step.set(edge, found.seconds * (1 + CHECKPOINT_SHARE));
      const { compiling, reading, predicting } = await timedEpochEnd(task, sized);
      const calls = (of: { count: number } | null): number => (of === null ? 0 : Math.ceil(of.count / AT_ONCE));
      epoch.set(edge, reading + predicting * calls(samples.val));
      once += compiling;
      if (edge !== whole) continue;
      // Tested once, and asked about validation once more for its temperature.
      once += options.views * predicting * (calls(samples.test) + calls(samples.val));
      if (options.swa !== null) once += MEASURING_STEPS * found.seconds + epoch.get(edge)!;
    } finally {
      sized.step.dispose();
    }
  }
  return { costs: { step, epoch, once }, timed };
}

/** Batches of images of one edge, from the first on. */
function batchesOf(task: TrainTask, { edge, workers }: { edge: number; workers: number | null }) {
  const { options, drawn, rowWeights, targets, given } = task;
  return openBatches(drawn, {
    ...options,
    batchSize: updateSize(options),
    sizes: edge === wholeEdge(task) ? null : [edge],
    // Longer than any training.
    epochs: 1e9,
    workers,
    rowWeights,
    targets,
    own: given.augmentations ?? [],
    from: { epoch: 1, step: 0 },
  });
}

/** One step of each number of images: an engine may compile for it. */
async function warmUp(task: TrainTask, { step, edge }: SizedStep): Promise<void> {
  const { count } = task.drawn;
  const { stepsPerEpoch: steps } = lengthOf(task.options, count);
  const rows = (at: number): number => rowsBefore(at + 1, { count, steps }) - rowsBefore(at, { count, steps });
  const other = Array.from({ length: steps }, (_, at) => at).find((at) => rows(at) !== rows(0));
  const batches = batchesOf(task, { edge, workers: 0 });
  for (const at of other === undefined ? [0] : [0, other])
    await step.step(await batches.at({ epoch: 1, step: at }), STILL);
}

/** The weights stay: no rate can make a loss infinite here. */
const STILL = { learningRate: 0 };

async function timedSteps(
  task: TrainTask,
  { sized: { step, edge }, most, onStep }: { sized: SizedStep; most: number; onStep(done: number): void },
): Promise<{ seconds: number; count: number }> {
  const { stepsPerEpoch: steps } = lengthOf(task.options, task.drawn.count);
  const turn = turns(task.given.signal);
  const batches = batchesOf(task, { edge, workers: task.options.workers });
  try {
    const begun = now();
    let from = begun;
    let count = 0;
    for (let at = 0; at < BEFORE + TIMED; at++) {
      if (at === BEFORE) from = now();
      count = Math.max(0, at - BEFORE);
      if (count >= LEAST && now() - begun > most) break;
      const batch = await batches.at({ epoch: 1 + Math.floor(at / steps), step: at % steps });
      await turn();
      await step.step(batch, STILL);
      count = Math.max(0, at + 1 - BEFORE);
      onStep(at + 1);
    }
    return { seconds: (now() - from) / count, count };
  } finally {
    batches.close();
  }
}

/** Seconds of what follows the last step of an epoch; `predicting`: of one call of the engine, when it is compiled. */
async function timedEpochEnd(
  task: TrainTask,
  sized: SizedStep,
): Promise<{ compiling: number; reading: number; predicting: number }> {
  const { samples } = task;
  const predict = async (most: number): Promise<number> => {
    const some = samples.train.take(allOf(samples.train).subarray(0, most));
    const from = now();
    await validate({ ...task, samples: { ...samples, val: some } }, sized);
    return (now() - from) / Math.ceil(some.count / AT_ONCE);
  };
  const compiling = await predict(AT_ONCE);
  const predicting = await predict(PREDICTED);
  const from = now();
  await sized.step.readState();
  return { compiling, reading: now() - from, predicting };
}

/** Seconds. */
const now = (): number => performance.now() / 1000;
