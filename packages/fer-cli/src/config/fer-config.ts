/** What `fer.config.ts` holds: the options of each command, and beside them what can only be passed by value. */
import type { DatasetAdapter } from "@fer/dataset-extractors";
import type { AssemblerInput } from "@fer/split-assembler";
import type { z } from "zod";
import type { ExtractOptions } from "@fer/dataset-extractors";
import type { Augmentation, Callback, TrainerOptions } from "@fer/model";
import type { LayersModel } from "@tensorflow/tfjs";

/** `extract`: a dataset of the list by name, or an adapter of one's own by value. */
export type ExtractSection = Omit<z.input<typeof ExtractOptions>, "adapter"> & { adapter: string | DatasetAdapter };

/** `assemble`: image folders to merge (all those extracted, when left out). */
export type AssembleSection = AssemblerInput & { folders?: string[] };

/** `train`: the set (the one assembled, when left out); a model, callbacks and augmentations by value. */
export type TrainSection = z.input<typeof TrainerOptions> & {
  to: string;
  set?: string;
  model?: LayersModel;
  callbacks?: Callback[];
  augmentations?: Augmentation[];
};

/** `evaluate`: another set to measure the model on. */
export interface EvaluateSection {
  on: string;
  part?: "train" | "val" | "test" | "full";
}

/** A config file. Relative paths start at its folder. */
export interface FerConfig {
  /** For JSON files: path or address of `fer.schema.json`. */
  $schema?: string;
  extract?: ExtractSection[];
  assemble?: AssembleSection;
  train?: TrainSection;
  evaluate?: EvaluateSection[];
  /** Folder in which the pipeline remembers finished stages; `.fer` when left out. */
  state?: string;
}

/** Keys of a config file. */
export const CONFIG_KEYS: readonly string[] = [
  "$schema",
  "extract",
  "assemble",
  "train",
  "evaluate",
  "state",
] satisfies (keyof FerConfig)[];
