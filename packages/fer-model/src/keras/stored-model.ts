/**
 * A file of weights or of a whole model, held open in a thread of its own: the HDF5 library takes 100 ms to load, and
 * most of a model's time to read, and neither is taken from the caller's thread.
 */
import { FormatError } from "@fer/core";
import { basename } from "node:path";
import { OpenThread } from "../thread.js";
import type { StoredConfig, StoredLayer } from "./h5-weights.js";
import type { StoredTensor } from "./hdf5.js";
import type { KerasLayer } from "./translator.js";

export interface StoredSource {
  path: string;
  /** Whether it shall be a whole model, which may be an archive. */
  whole: boolean;
}

/** What the thread is asked. */
export type Question =
  | { ask: "config" }
  | { ask: "layers"; layers: readonly KerasLayer[] }
  | { ask: "values"; tensors: readonly StoredTensor[] };

/**
 * Opens a file; {@link StoredModel.close} lets go of it. What it holds is read when it is asked for, and not before.
 * Each question may fail with the {@link FormatError} of a file that is missing, damaged or of another kind.
 */
export class StoredModel {
  /** For messages. */
  readonly name: string;
  readonly #thread: OpenThread<Question>;

  constructor(source: StoredSource) {
    this.name = basename(source.path);
    this.#thread = new OpenThread(new URL("./stored-model-thread.js", import.meta.url), source);
  }

  config(): Promise<StoredConfig> {
    return this.#ask({ ask: "config" });
  }

  /** Names and shapes. `layers` are those of the architecture: Keras 3 counts them instead of naming them. */
  layers(layers: readonly KerasLayer[]): Promise<StoredLayer[]> {
    return this.#ask({ ask: "layers", layers });
  }

  /** Row-major values of tensors of {@link StoredModel.layers}. */
  values(tensors: readonly StoredTensor[]): Promise<Float32Array[]> {
    return this.#ask({ ask: "values", tensors });
  }

  close(): void {
    this.#thread.end();
  }

  async #ask<Answer>(question: Question): Promise<Answer> {
    try {
      return await this.#thread.ask<Answer>(question);
    } catch (error) {
      // Errors come out of a thread with all that they say, but without their class.
      throw error instanceof Error && error.name === "FormatError"
        ? Object.setPrototypeOf(error, FormatError.prototype)
        : error;
    }
  }
}
