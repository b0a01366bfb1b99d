/** A lowered graph with all that its session needs to run: plain data, made by `target.ts`, run by the hosts. */
import type { HostUpdate } from "./host-updates.js";
import type { Layout } from "./layout.js";
import type { OnnxType } from "./model.js";

export interface OnnxProgram {
  name: string;
  /** A serialized `ModelProto`. */
  model: Uint8Array;
  /** Inputs of the function that the session is fed. */
  inputs: readonly { name: string; dtype: OnnxType; shape: readonly number[] }[];
  /** Variables that it is fed. */
  variables: readonly string[];
  /** The layout in which each variable is kept, those of other functions included. */
  layouts: Readonly<Record<string, Layout>>;
  masks: readonly MaskInput[];
  outputs: readonly string[];
  /** Output that must be finite for anything to be written. */
  guard: string | null;
  /** Variables whose next value the session gives out as `next:<name>`. */
  next: readonly string[];
  /** Updates that the host makes itself, in order; CPU only. */
  updates: readonly HostUpdate[];
}

/** An input that the host makes itself: the kept elements of a dropout mask, one byte each. */
export interface MaskInput {
  name: string;
  /** Input of the function that counts the steps. */
  step: string;
  shape: readonly number[];
  rate: number;
  seed: number;
  layer: number;
}

/** Name of the output that holds the next value of a variable. */
export const nextName = (variable: string): string => `next:${variable}`;
