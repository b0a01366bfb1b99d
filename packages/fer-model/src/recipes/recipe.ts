/**
 * What a recipe is: settings of a training that were chosen for a purpose, for each size of set. A new one is a file
 * beside this and a line in `index.ts`.
 */
import type { z } from "zod";
import type { ArchitectureName } from "../architectures/index.js";
import type { TrainerOptions } from "../train/options.js";

/** Options as they are given; left-out ones are the trainer's defaults. */
export type Settings = Omit<z.input<typeof TrainerOptions>, "recipe" | "to" | "overwrite" | "seed" | "folds">;

/** Sizes of sets by their training images: CK+ is small, RAF-DB medium, FER2013 large. */
export type SetSize = "small" | "medium" | "large";

/** Training images from which a set is no longer of the size before. */
const SIZE_LIMITS = { small: 5_000, medium: 20_000 } as const;

/** Size of a set with so many training images. */
export const setSize = (count: number): SetSize =>
  count < SIZE_LIMITS.small ? "small" : count < SIZE_LIMITS.medium ? "medium" : "large";

/** A training by a recipe that was measured. */
export interface MeasuredRecipe {
  /** Such as `FER2013, private test`. */
  on: string;
  seeds: number;
  /** Means over the seeds, [0, 1]. */
  accuracy: number;
  macroF1: number;
  steps: number;
  minutes: number;
  /** Such as `AMD EPYC 9354, 2 threads, bfloat16`. */
  processor: string;
}

export interface Recipe {
  name: string;
  /** What it is for, in a line of the help. */
  title: string;
  /** `crop` and `sizes` are those of images of 48 pixels; of others as large a share. */
  settings: Readonly<Record<SetSize, Settings>>;
  /** What is otherwise for networks that may be asked for in place of its own. */
  otherwise?: Readonly<Partial<Record<ArchitectureName, Settings>>>;
  /** Share of calibrated votes in the targets, where the set has votes; `null` for its classes in any case. */
  votesShare: number | null;
  /** Empty until it is measured: no figure is guessed. */
  measured: readonly MeasuredRecipe[];
}
