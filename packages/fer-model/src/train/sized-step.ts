/** The step of a training, for images of the size that an epoch has. */
import { OptionsError } from "@fer/core";
import { GraphError, type PreparedStep } from "@fer/tfjs-graph";
import { edgeIn } from "../data/growing.js";
import type { TrainTask } from "./task.js";

/** A step, and the edge of the images that it takes. */
export interface SizedStep {
  step: PreparedStep;
  edge: number;
}

/** Edge of the images that the network takes where they are not shrunk. */
export const wholeEdge = ({ options, samples }: Pick<TrainTask, "options" | "samples">): number =>
  options.crop ?? samples.train.shape[0];

/** Edge of the images in an epoch. */
const edgeOf = (task: TrainTask, epoch: number): number => edgeIn(epoch, task.options) ?? wholeEdge(task);

/** The step for images of an edge, in the state of the network as it was built. */
export async function stepFor(task: TrainTask, edge: number): Promise<SizedStep> {
  const { samples, engine, step } = task;
  const [, , channels] = samples.train.shape;
  if (edge === wholeEdge(task)) return { step: await engine.engine.prepare(step), edge };
  return { step: await engine.engine.prepare({ ...step, inputShape: [edge, edge, channels] }), edge };
}

/** The step of an epoch. */
export const stepAt = (task: TrainTask, epoch: number): Promise<SizedStep> => stepFor(task, edgeOf(task, epoch));

/** The same step, or where an epoch has images of another size one for these that goes on in its state. */
export async function regrown(
  task: TrainTask,
  { step, edge, epoch }: SizedStep & { epoch: number },
): Promise<SizedStep> {
  if (edge === edgeOf(task, epoch)) return { step, edge };
  const state = await step.readState();
  const next = await stepAt(task, epoch);
  await next.step.writeState(state);
  step.dispose();
  return next;
}

/** @throws OptionsError where the network has other weights for smaller images. */
export async function refuseSizes(task: TrainTask): Promise<void> {
  for (const edge of new Set(task.options.sizes)) {
    const { step } = await stepFor(task, edge).catch((cause: unknown) => {
      if (!(cause instanceof GraphError && cause.code === "INPUT_SHAPE")) throw cause;
      throw new OptionsError({
        code: "SIZES_DO_NOT_FIT",
        subject: "sizes",
        found: cause.message,
        fix: "Take a network that ends in global pooling, such as resnet, or leave sizes out",
        cause,
      });
    });
    step.dispose();
  }
}
