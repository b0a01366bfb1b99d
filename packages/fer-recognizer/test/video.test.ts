/** Faces over time: who is who, and what is smoothed. */
import type { Prediction } from "@fer/core/inference";
import type { VideoFrame } from "@fer/core/pixels";
import {
  type ExpressionModel,
  type Face,
  FaceTracker,
  recognizeFrames,
  Recognizer,
  type SeenFrame,
} from "@fer/recognizer";
import { describe, expect, test } from "vitest";

const box = (x: number, width = 40): Face["box"] => ({ x, y: 10, width, height: width });
const face = (x: number): Face => ({ box: box(x), score: 0.9, eyes: null });

describe("faces are followed", () => {
  test("while they move, whatever their order", () => {
    const tracker = new FaceTracker();
    expect(tracker.follow([face(0), face(100)], 0)).toEqual([1, 2]);
    expect(tracker.follow([face(108), face(8)], 0.04)).toEqual([2, 1]);
    expect(tracker.follow([face(16), face(200), face(116)], 0.08)).toEqual([1, 3, 2]);
  });

  test("each by the box that it covers most", () => {
    const tracker = new FaceTracker();
    tracker.follow([face(0), face(20)], 0);
    expect(tracker.follow([face(18), face(2)], 0.04)).toEqual([2, 1]);
  });

  test("for a second or two frames out of sight, then they are somebody new", () => {
    const tracker = new FaceTracker();
    tracker.follow([face(0)], 0);
    for (const time of [0.2, 0.4, 0.6, 0.8]) expect(tracker.follow([], time)).toEqual([]);
    expect(tracker.follow([face(0)], 1)).toEqual([1]);
    for (const time of [1.5, 2, 2.5]) tracker.follow([], time);
    expect(tracker.follow([face(0)], 3)).toEqual([2]);
    tracker.follow([], 13);
    expect(tracker.follow([face(0)], 23)).toEqual([2]);
  });
});

/** Happy as many percent as the pixels say. */
const model: ExpressionModel = {
  model: {
    schema: 1,
    architecture: "custom",
    size: 8,
    channels: 1,
    scale: 1,
    offset: 0,
    standardize: false,
    views: 1,
    classes: ["happy", "sad"],
    parameters: 0,
  } as ExpressionModel["model"],
  async predict(pixels) {
    return Array.from({ length: pixels.length / 64 }, (_, i): Prediction => {
      const happy = pixels[i * 64]! / 100;
      const probabilities = { happy, sad: 1 - happy };
      return {
        expression: happy > 0.5 ? "happy" : "sad",
        confidence: Math.max(happy, 1 - happy),
        probabilities,
        doubt: null,
      };
    });
  },
  dispose: () => {},
};

const frame = (index: number, level: number): VideoFrame => ({
  index,
  time: index / 2,
  picture: { width: 60, height: 60, channels: 1, data: new Uint8Array(3600).fill(level) },
});

async function seen(frames: VideoFrame[], options: { smooth?: number; found?: Face[][] } = {}): Promise<SeenFrame[]> {
  const found = options.found ?? frames.map(() => [face(5)]);
  let at = 0;
  const detector = { name: "told", detect: async () => found[at++]! };
  const recognizer = new Recognizer({ detector, model });
  const all: SeenFrame[] = [];
  for await (const each of recognizeFrames(frames, { recognizer, ...options })) all.push(each);
  return all;
}

describe("frames are recognized", () => {
  test("each for itself, with number, time and track", async () => {
    const frames = await seen([frame(0, 100), frame(3, 0)]);
    expect(frames.map(({ index, time, faces }) => [index, time, faces[0]!.track, faces[0]!.expression])).toEqual([
      [0, 0, 1, "happy"],
      [3, 1.5, 1, "sad"],
    ]);
  });

  test("smoothed as an exponential mean over time: what is s seconds old weighs 1/e", async () => {
    const frames = await seen([frame(0, 100), frame(1, 0), frame(3, 0)], { smooth: 2 });
    const happy = frames.map(({ faces }) => faces[0]!.probabilities["happy"]!);
    expect(happy[0]).toBe(1);
    expect(happy[1]).toBeCloseTo(Math.exp(-0.25), 12);
    expect(happy[2]).toBeCloseTo(Math.exp(-0.75), 12);
    expect(frames.map(({ faces }) => faces[0]!.expression)).toEqual(["happy", "happy", "sad"]);
    expect(frames[2]!.faces[0]!.confidence).toBeCloseTo(1 - Math.exp(-0.75), 12);
  });

  test("with nobody else's past, and with none where there is no face", async () => {
    const found = [[face(5)], [], [face(200)]];
    const frames = await seen([frame(0, 100), frame(1, 0), frame(2, 0)], { smooth: 5, found });
    expect(frames.map(({ faces }) => faces.map(({ track, probabilities }) => [track, probabilities["happy"]]))).toEqual(
      [[[1, 1]], [], [[2, 0]]],
    );
  });

  test("until they are told to stop", async () => {
    const frames = recognizeFrames([frame(0, 1)], {
      recognizer: new Recognizer({ detector: { name: "none", detect: async () => [] }, model }),
      signal: AbortSignal.abort(new Error("stop")),
    });
    await expect(frames.next()).rejects.toThrow("stop");
  });
});
