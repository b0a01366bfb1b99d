/** Options of a training run. Everything that decides its result is here, in the set, or passed by value. */
import { VIEWS } from "@fer/core/inference";
import { z } from "zod";
import { ARCHITECTURES, NetOptions } from "../architectures/index.js";
import { AugmentationOptions } from "../data/augmentation.js";
import { ENGINES } from "../engine/engine.js";
import { BUDGET } from "./budget.js";
import { MONITORS } from "./monitor.js";
import { RECIPES } from "../recipes/index.js";

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.number().int().positive();

const Optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    beta1: share.default(0.9).describe("Decay of the mean of gradients"),
    beta2: share.default(0.999).describe("Decay of the mean of squared gradients"),
    epsilon: positive.default(1e-7).describe("Added to the denominator"),
  }),
  z.strictObject({
    name: z.literal("sgd"),
    momentum: share.default(0.9).describe("Decay of the velocity"),
    nesterov: z.boolean().default(true).describe("Look ahead along the velocity"),
  }),
  z.strictObject({
    name: z.literal("muon"),
    beta: share.default(0.95).describe("Decay of the velocity of a convolution's kernel"),
    steps: count.max(10).default(5).describe("How often the velocity of a kernel is made more orthogonal"),
    beta1: share.default(0.9).describe("Decay of the mean of gradients"),
    beta2: share.default(0.999).describe("Decay of the mean of squared gradients"),
    epsilon: positive.default(1e-7).describe("Added to the denominator"),
  }),
]);

const Schedule = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("cosine"),
    warmup: share.default(0.1).describe("Share of all steps in which the rate rises linearly from zero"),
  }),
  z.strictObject({
    name: z.literal("one-cycle"),
    rise: share.default(0.3).describe("Share of all steps in which the rate rises by half a cosine"),
    start: z.number().gt(0).max(1).default(0.04).describe("Rate of the first step, as a share of learningRate"),
    end: z.number().min(0).max(1).default(4e-6).describe("Rate of the last step, as a share of learningRate"),
  }),
  z.strictObject({
    name: z.literal("step"),
    at: z
      .array(z.number().gt(0).lt(1))
      .min(1)
      .default([0.5, 0.75])
      .describe("Where the rate drops, as shares of all steps"),
    drop: z.number().gt(0).lt(1).default(0.1).describe("What the rate is multiplied by there"),
  }),
  z.strictObject({ name: z.literal("constant") }),
  z.strictObject({
    name: z.literal("plateau"),
    factor: z.number().gt(0).lt(1).default(0.5).describe("What the rate is multiplied by when the monitor stalls"),
    patience: count.default(10).describe("Epochs without improvement before that"),
    floor: z.number().min(0).default(1e-5).describe("Smallest rate"),
  }),
  z.strictObject({
    name: z.literal("inverse-time"),
    decay: z.number().min(0).default(1e-6).describe("Rate = learningRate / (1 + decay * steps), as Keras 2 decays"),
  }),
]);

const Labels = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("classes") }),
  z.strictObject({
    name: z.literal("votes"),
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe("Of the votes in the target, the rest is the smoothed class; 1: votes alone"),
    calibrated: z
      .boolean()
      .default(false)
      .describe(
        "Turn votes into probabilities of the classes that samples are labelled with, where voters use the words otherwise",
      ),
  }),
]);

export const TrainerOptions = z.strictObject({
  recipe: z
    .enum(["auto", "none", ...RECIPES])
    .default("auto")
    .describe(
      "Settings that were made for a purpose, over which options that are given win; auto: hour from 5,000 training images on, for fewer, and for a network that is named, none; none: the defaults",
    ),
  architecture: z
    .enum(ARCHITECTURES)
    .default(ARCHITECTURES[0])
    .describe("Network; a model passed by value takes its place"),
  net: NetOptions.default({}).describe("Options of the network; left-out ones are the architecture's own defaults"),
  from: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Run, or Keras file, whose network is trained on in place of a new one; its last layer is fitted to the classes",
    ),
  freeze: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Layers of that network that keep their weights: names, beginnings of names and *, or body for all but the last",
    ),
  engine: z
    .enum(["auto", ...ENGINES])
    .default("auto")
    .describe("What runs the training step; auto takes the fastest here"),
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("float32")
    .describe(
      "Of activations and products in training; bfloat16 is for the tensorflow engine, on processors that have it; auto takes what the engine trains fastest with here",
    ),
  epochs: count.default(60).describe("Passes over the training part"),
  steps: count
    .nullable()
    .default(null)
    .describe("Updates after which training ends, in place of epochs; the last epoch may be short"),
  budget: z
    .string()
    .regex(BUDGET, "a time such as 90s, 60m or 2.5h")
    .nullable()
    .default(null)
    .describe(
      "Wall time for the training with its validation and test, such as 60m or 2.5h, in place of epochs: steps are timed first, and as many as fit are its steps, which a restart keeps; of all folds together, of each seed",
    ),
  batchSize: count
    .default(32)
    .describe("Images in a step, at most; the batches of an epoch are of one size, or one less"),
  accumulate: count
    .default(1)
    .describe(
      "Batches that one update is made from, as from a batch of all their images; batch norm, dropout and sam see each of them alone",
    ),
  optimizer: Optimizer.default({ name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }).describe("Update rule"),
  learningRate: positive.default(0.01).describe("Highest learning rate"),
  schedule: Schedule.default({ name: "cosine", warmup: 0.1 }).describe("Course of the learning rate"),
  weightDecay: z.number().min(0).default(0.05).describe("Decoupled weight decay of kernels, times the learning rate"),
  clipNorm: positive.nullable().default(null).describe("Largest joint norm of all gradients"),
  sam: z
    .number()
    .min(0)
    .default(0)
    .describe("Radius of sharpness-aware minimization, such as 0.05; a step costs twice as much; 0: off"),
  ema: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe("Decay of a moving average of the weights that predicts; in the first steps less, so that it follows"),
  swa: z
    .number()
    .min(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe(
      "Share of the epochs after which the weights at the end of each are averaged; the average is what training ends with",
    ),
  labels: Labels.default({ name: "classes" }).describe(
    "What a sample is trained on: its class, or the votes of people, where the set has them",
  ),
  teacher: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe("Runs whose mean probabilities are part of each target: distillation"),
  teacherShare: z.number().gt(0).max(1).default(0.7).describe("Of those in the target, the rest is the label"),
  teacherTemperature: positive
    .max(100)
    .default(1)
    .describe("Makes them softer above 1: p^(1/temperature), scaled to a sum of 1"),
  labelSmoothing: z.number().min(0).lt(1).default(0.1).describe("Share of the label that is spread over all classes"),
  focal: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe("Gamma of the focal loss: images that are right already weigh less; 0: cross-entropy"),
  crop: count
    .nullable()
    .default(null)
    .describe(
      "Edge in pixels of the squares that the network takes: in training one at a random place of each image, else the centre one and, with ten views, the four in the corners; left out: whole images",
    ),
  sizes: z
    .array(count)
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Edges in pixels that images are shrunk to in the first epochs, one after another for as many epochs each; for networks that end in global pooling",
    ),
  sizesUntil: z.number().gt(0).lt(1).default(0.5).describe("Share of the epochs that have these sizes"),
  mixup: z
    .number()
    .min(0)
    .default(0)
    .describe("Alpha of the Beta distribution that pairs of images are mixed by; 0: off"),
  cutmix: z
    .number()
    .min(0)
    .default(0)
    .describe("Alpha of the Beta distribution of the area that a pair of images exchanges; 0: off"),
  augmentation: AugmentationOptions.nullable()
    .default(AugmentationOptions.parse({}))
    .describe("Random changes of the training images"),
  classWeights: z
    .enum(["none", "balanced", "effective"])
    .default("none")
    .describe(
      "Weights of classes in the loss: balanced (every class the same sum), effective (by the effective number of samples, which is milder)",
    ),
  oversample: z
    .boolean()
    .default(false)
    .describe(
      "Draw the rows that the set was assembled with (assemble --oversample): images of small classes several times an epoch, so that every class is about as often, each time augmented anew",
    ),
  sampleWeights: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("CSV file with the columns id and weight: how much samples count in the loss; 1 where it names none"),
  seed: z
    .number()
    .int()
    .nonnegative()
    .default(1)
    .describe("Decides initial weights, order, augmentation, dropout, carving"),
  valShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("Share of train that is carved out, by group, for validation if the set has no val part; 0: none"),
  monitor: z
    .enum(MONITORS)
    .default("val_accuracy")
    .describe("What chooses the best epoch, stops early and finds plateaus"),
  patience: count.nullable().default(null).describe("Epochs without improvement of the monitor before training stops"),
  weights: z
    .enum(["auto", "best", "last"])
    .default("auto")
    .describe(
      "Epoch whose weights are evaluated; auto: best if 200 validation images or more tell it, or training was stopped; else last",
    ),
  standardize: z
    .boolean()
    .default(true)
    .describe("Give every image the same mean and contrast first; model.json says so to whoever uses the model"),
  views: z
    .literal(VIEWS)
    .default(10)
    .describe(
      "Views that a prediction is the mean of: 1 the image, 2 and its mirror image, 10 both shifted four ways, or of a crop the four in the corners",
    ),
  folds: z
    .array(z.number().int().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe("Folds to train and test, by number, of a set that has folds; all of them if left out"),
  workers: z
    .number()
    .int()
    .min(0)
    .max(16)
    .nullable()
    .default(null)
    .describe(
      "Threads that read and augment images ahead of the step; decides no byte; left out: one, two from four cores on, none for small trainings",
    ),
  baselines: z.boolean().default(true).describe("Majority class and ridge on raw pixels beside the network's scores"),
  report: z.boolean().default(true).describe("Draw the charts and write report.html"),
  overwrite: z
    .boolean()
    .default(false)
    .describe("Replace another run in the folder, and discard the unfinished training of other options"),
  to: z.string().nullable().default(null).describe("Run folder to write; a temporary one if left out"),
});
export type TrainerOptions = z.infer<typeof TrainerOptions>;

/** Images that an update is made from, at most. */
export const updateSize = ({ batchSize, accumulate }: Pick<TrainerOptions, "batchSize" | "accumulate">): number =>
  batchSize * accumulate;
