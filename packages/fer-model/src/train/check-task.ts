/** Refuses what cannot be trained, before anything is written. */
import { OptionsError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { smallEpochs } from "../data/growing.js";
import type { Samples } from "../data/samples.js";
import { assertOurModel } from "../engine/one-tensorflow.js";
import type { TrainerOptions } from "./options.js";
import type { Subset } from "../data/subset.js";

/** The model must take the set's images, or crops of the edge `size`, and give one probability a class. */
export function checkModel(model: LayersModel, { samples, size }: { samples: Subset; size: number }): void {
  assertOurModel(model);
  const wanted = `[null, ${size}, ${size}, ${samples.shape[2]}] -> [null, ${samples.classes.length}]`;
  const shape = (value: unknown): string =>
    Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value);
  const found = `${shape(model.inputs[0]?.shape)} -> ${shape(model.outputs[0]?.shape)}`;
  if (model.inputs.length === 1 && model.outputs.length === 1 && found === wanted) return;
  throw new OptionsError({
    code: "MODEL_DOES_NOT_FIT",
    subject: "model",
    found: `it maps ${found}`,
    expected: `${wanted}, for the classes ${samples.classes.join(", ")}`,
    fix: "Build the model for this set, or assemble the set in the model's size and classes",
  });
}

/** There must be something to learn, and something to monitor if something depends on it. */
export function checkSamples({ train, val }: Samples, options: TrainerOptions): void {
  const present = train.classes.filter((_, label) => train.support()[label]! > 0);
  if (present.length < 2) {
    throw new OptionsError({
      code: "ONE_CLASS",
      subject: "training part",
      found: present.length === 0 ? "no samples" : `${train.count} samples of one class, ${present[0]}`,
      expected: "samples of at least two classes",
      fix: "Assemble a set with more classes, or lower valShare",
    });
  }
  if (options.swa !== null && options.ema !== null) {
    throw new OptionsError({
      code: "TWO_AVERAGES",
      subject: "swa",
      found: `swa ${options.swa} and ema ${options.ema}`,
      expected: "one of them",
      fix: "Leave one out: both average weights",
    });
  }
  if (options.oversample && options.classWeights !== "none") {
    throw new OptionsError({
      code: "TWO_BALANCES",
      subject: "classWeights",
      found: `classWeights ${options.classWeights} and oversample`,
      expected: "one of them",
      fix: "Leave one out: drawn equally often, classes have the same weight already",
    });
  }
  const [size] = train.shape;
  if (options.crop !== null && options.crop >= size) {
    throw new OptionsError({
      code: "CROP_TOO_LARGE",
      subject: "crop",
      found: `squares of ${options.crop} x ${options.crop} of images of ${size} x ${size}`,
      expected: `less than ${size}`,
      fix: "Lower crop, leave it out for whole images, or assemble the set in a larger size",
    });
  }
  const whole = options.crop ?? size;
  const large = options.sizes?.find((edge) => edge >= whole);
  if (large !== undefined) {
    throw new OptionsError({
      code: "SIZE_TOO_LARGE",
      subject: "sizes",
      found: `images of ${whole} x ${whole} shrunk to ${large} x ${large}`,
      expected: `less than ${whole}`,
      fix: "Leave that size out: the epochs after those of sizes see whole images",
    });
  }
  const small = smallEpochs(options);
  if (options.swa !== null && Math.floor(options.swa * options.epochs) < small) {
    throw new OptionsError({
      code: "AVERAGE_OF_SIZES",
      subject: "swa",
      found: `a mean that begins with epoch ${Math.floor(options.swa * options.epochs) + 1}, and smaller images until epoch ${small}`,
      expected: "epochs of whole images alone",
      fix: "Raise swa, or lower sizesUntil",
    });
  }
  if (options.labels.name === "votes" && train.votes === null) {
    throw new OptionsError({
      code: "NO_VOTES",
      subject: "labels",
      found: "votes, but the set has none",
      expected: "a set of a dataset that has them, such as ferplus",
      fix: 'Assemble it again from such a folder, or train on labels "classes"',
    });
  }
  const needed = [
    ...(options.patience === null ? [] : ["patience"]),
    ...(options.schedule.name === "plateau" ? ["the plateau schedule"] : []),
  ];
  if (val !== null || !options.monitor.startsWith("val_") || needed.length === 0) return;
  throw new OptionsError({
    code: "NOTHING_TO_MONITOR",
    subject: "monitor",
    found: `${options.monitor}, but no validation part`,
    expected: `a validation part, since ${needed.join(" and ")} depends on it`,
    fix: 'Raise valShare, or monitor "loss"',
  });
}
