/** A model of other people's behind a program of any kind: judged on the same images as ours by two names that it exports. */
import { expressionNamed, FormatError } from "@fer/core";
import type { ModelInfo } from "@fer/core/run";
import { FacePredictor } from "../predict/face-predictor.js";
import { checkedStep } from "./checked-step.js";
import { modelInfoOf } from "./model-file-info.js";

/** Images that a {@link PeerModel} is asked about. */
export interface PeerBatch {
  /** Raw grey levels of 0..255: `[count, size, size, channels]`, whole ones where they are as the set has them. */
  images: Uint8Array | Float32Array;
  count: number;
  size: number;
  channels: 1 | 3;
}

/** What a module for `fer cross peer:<module>` exports, `name` aside; scaling is its own affair. */
export interface PeerModel {
  /** What it is called in the table. */
  name: string;
  /** Class names in the order of its outputs, in any spelling that is known: `angry` is `anger`. */
  classes: readonly string[];
  /** Probabilities, `[count, classes]` row by row: each row sums to 1. */
  predict(batch: PeerBatch): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Edge of the images that it wants; as the set has them if left out. */
  size?: number;
  /** 1 for grey images, 3 for colour; as the set has them if left out. */
  channels?: 1 | 3;
  /** What it was trained on, in words, where that is known. */
  trainedOn?: string;
  /** Called when it is not needed any more. */
  dispose?(): void | Promise<void>;
}

/** A peer as a predictor of images of a set. */
export function peerPredictor(
  peer: PeerModel,
  { size, channels }: Pick<ModelInfo, "size" | "channels">,
): FacePredictor {
  const classes = peer.classes.map((name) => expressionNamed(name) ?? name);
  const form = { size: peer.size ?? size, channels: peer.channels ?? channels };
  const step = {
    async predict(images: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
      const found = await peer.predict({ images, count, ...form });
      if (typeof found === "object" && found !== null && typeof found.length === "number")
        return Float32Array.from(found);
      throw new FormatError({
        code: "UNSUPPORTED_MODEL",
        subject: peer.name,
        found: `predict gave ${found === null ? "null" : `a value of the type ${typeof found}`}`,
        expected: "an array of count * classes probabilities",
      });
    },
  };
  return new FacePredictor({
    model: modelInfoOf({ ...form, classes, scale: 1, offset: 0 }, null),
    fit: "stretch",
    step: checkedStep(step, {
      path: peer.name,
      classes: classes.length,
      isLogits: false,
      fix: "Make predict return the softmax of logits",
    }),
    dispose: () => undefined,
  });
}
