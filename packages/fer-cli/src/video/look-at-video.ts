/** A video -> its frames with their faces; one frame is in memory at a time, and of all of them a few numbers a face. */
import { DatasetError, type TaskHooks } from "@fer/core";
import { type Every, readFrames } from "@fer/dataset-extractors/video";
import { recognizeFrames, type Recognizer } from "@fer/recognizer";
import { STDIN } from "../images/find-pictures.js";
import type { Seen } from "../images/look-at-pictures.js";
import { Timeline } from "./timeline.js";

export interface VideoSettings {
  recognizer: Recognizer;
  every: Every;
  /** Seconds. */
  smooth: number;
  hooks: Required<TaskHooks>;
  /** Called when all frames have been seen. */
  onEnd(story: VideoStory): Promise<void>;
}

/** What can be said of a whole video. */
export interface VideoStory {
  file: string;
  timeline: Timeline;
  /** That were looked at. */
  frames: number;
  /** Of them, those in which no face was found. */
  empty: number;
  /** Seconds of the first and the last frame that were looked at. */
  from: number;
  to: number;
}

/** Milliseconds after which what was seen is handed on. */
const PATIENCE = 1000;
/** Frames that are handed on at once. */
const MOST = 256;

/** Looks at a video, and hands on what it has seen about once a second. */
export async function* lookAtVideo(file: string, settings: VideoSettings): AsyncGenerator<Seen[]> {
  const { recognizer, every, smooth, hooks, onEnd } = settings;
  const { signal } = hooks;
  const story: VideoStory = { file, timeline: new Timeline(), frames: 0, empty: 0, from: 0, to: 0 };
  let duration: number | null = null;
  let seen: Seen[] = [];
  const problem = (text: string): void => void seen.push({ file, problem: text });
  const frames = readFrames(file === STDIN ? process.stdin : file, {
    every,
    signal,
    onStart: (info) => void (duration = info.duration),
    onDamage: problem,
  });
  const report = (): void => {
    const by =
      duration === null
        ? { done: story.frames, total: null, unit: "frames" }
        : {
            done: Math.min(Math.round(story.to), Math.round(duration)),
            total: Math.round(duration),
            unit: "s of video",
          };
    hooks.onProgress({ stage: "predict", ...by });
  };
  let since = performance.now();
  try {
    for await (const { index: frame, time, faces } of recognizeFrames(frames, { recognizer, smooth, signal })) {
      if (story.frames === 0) story.from = time;
      story.frames += 1;
      story.empty += faces.length === 0 ? 1 : 0;
      story.to = time;
      story.timeline.add(time, faces);
      seen.push({ file, time, frame, faces });
      report();
      if (seen.length < MOST && performance.now() - since < PATIENCE) continue;
      yield seen;
      seen = [];
      since = performance.now();
    }
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    problem(String(error.context["problem"] ?? error.message));
  }
  if (story.frames > 0) await onEnd(story);
  // Empty where the last frame was handed on already: who listens tells the story now.
  if (story.frames > 0 || seen.length > 0) yield seen;
}
