/** Frames in, frames with their faces out: each found, named, and told from the others over time. */
import type { VideoFrame } from "@fer/core/pixels";
import type { RecognizedFace, Recognizer } from "../recognizer.js";
import { FaceTracker } from "./face-tracker.js";
import { Smoothing } from "./smoothing.js";

/** A face in a video. */
export type TrackedFace = RecognizedFace & {
  /** The same number in all frames in which the face was followed; the first is 1. */
  track: number;
};

/** A frame and its faces, the largest first. */
export interface SeenFrame extends VideoFrame {
  faces: TrackedFace[];
}

export interface FramesOptions {
  recognizer: Recognizer;
  /**
   * Seconds over which probabilities are smoothed, face by face (exponential: what was seen so long ago has the weight
   * 1/e); default 0: each frame for itself.
   */
  smooth?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Recognizes the faces of frames in their order, one frame in memory at a time. Frames come from `readFrames` of
 * `@fer/dataset-extractors/video`, from a camera, or from anything else.
 *
 * @example
 * ```ts not run: it wants a model
 * import { blazeFace, type ExpressionModel, recognizeFrames, Recognizer } from "@fer/recognizer";
 *
 * declare const model: ExpressionModel;
 * const recognizer = new Recognizer({ detector: blazeFace(), model });
 * const picture = { width: 64, height: 64, channels: 1 as const, data: new Uint8Array(64 * 64) };
 * const frames = [0, 1].map((index) => ({ index, time: index / 25, picture }));
 * for await (const { time, faces } of recognizeFrames(frames, { recognizer, smooth: 0.5 })) console.log(time, faces.length);
 * ```
 */
export async function* recognizeFrames(
  frames: AsyncIterable<VideoFrame> | Iterable<VideoFrame>,
  { recognizer, smooth = 0, signal }: FramesOptions,
): AsyncGenerator<SeenFrame, void, undefined> {
  const tracker = new FaceTracker();
  const smoothing = smooth > 0 ? new Smoothing(smooth) : null;
  for await (const frame of frames) {
    signal?.throwIfAborted();
    const { time } = frame;
    const found = await recognizer.recognize(frame.picture, { signal });
    const tracks = tracker.follow(found, time);
    const faces = found.map((face, i): TrackedFace => {
      const track = tracks[i]!;
      return Object.assign({}, smoothing?.next(face, { track, time }) ?? face, { track });
    });
    smoothing?.forget(time);
    yield { ...frame, faces };
  }
}
