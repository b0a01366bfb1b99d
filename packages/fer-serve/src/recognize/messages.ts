/** What a server and its threads tell each other. */
import type { Prediction } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import type { DecoderName } from "@fer/dataset-extractors/image";
import type { EngineName, FrozenModel } from "@fer/model";
import type { CarriedError } from "@fer/core/carried-error";
import type { FACES, Face } from "@fer/recognizer";

/** `workerData` of a thread. */
export interface ThreadSettings {
  /** Where it cannot be frozen, the place that each thread loads it from. */
  model: FrozenModel | { source: string; engine: EngineName | "auto" };
  /** As in the training where left out. */
  fit: Fit | undefined;
  smallest: number | undefined;
  decoder: DecoderName;
  /** Of a picture. */
  maxPixels: number;
}

/** The first message of a thread: it has loaded, or why it could not. */
export type Loaded = { model: ModelInfo } | { failure: CarriedError };

/** A picture to look at. */
export interface PictureFile {
  bytes: Uint8Array;
  faces: (typeof FACES)[number];
}

/** Why a picture cannot be looked at. */
export interface PictureProblem {
  code: "TOO_MANY_PIXELS" | "BAD_IMAGE";
  message: string;
}

/** What was found in a picture: it is a face itself (`faces` is `null`), or has faces. */
export type FoundFaces =
  | {
      width: number;
      height: number;
      faces: Face[] | null;
      /** Of every face, `[n, size, size, channels]`, raw 0..255. */
      pixels: Uint8Array;
    }
  | { problem: PictureProblem };

/** One at a time. */
export type Question = { do: "find"; pictures: PictureFile[] } | { do: "predict"; pixels: Uint8Array };

export type AnswerValue = FoundFaces[] | Prediction[];

export type Answer = { value: AnswerValue } | { failure: string };
