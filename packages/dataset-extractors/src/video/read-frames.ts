/**
 * Frames of a video, one after another, each with its own time: ffmpeg decodes, turns the picture upright as the file says
 * and writes it into a pipe; a frame that nobody has taken yet keeps it waiting, so memory stays flat however long the
 * video is. Times are those of the container, also where frames stand at unequal distances: ffmpeg writes them into a
 * second pipe, before the frame itself.
 */
import type { Readable } from "node:stream";
import { OptionsError } from "@fer/core";
import { type Picture, pictureOf, type VideoFrame } from "@fer/core/pixels";
import { MAX_PIXELS } from "../image/header.js";
import { firstComplaint, inputOf, isDevice, ONLY_HERE, passthroughFlag, type Running, start } from "./ffmpeg.js";
import { badVideo, probeVideo, type VideoInfo } from "./probe-video.js";

/** Which frames: one in so many, or one in so many seconds. */
export type Every = { frames: number } | { seconds: number };

export interface FrameOptions {
  /** Default: all of them. */
  every?: Every | undefined;
  signal?: AbortSignal | undefined;
  /** Told what a file is before its first frame is decoded. */
  onStart?: ((info: VideoInfo) => void) | undefined;
  /** Told where a video ends before its end, or parts of it cannot be decoded; the frames before were given. */
  onDamage?: ((problem: string) => void) | undefined;
}

/** Characters of what ffmpeg complains of that are kept. */
const KEPT = 4000;

/**
 * The frames of a video file, a camera (such as `/dev/video0`) or a stream of anything that ffmpeg knows by its first
 * bytes. `index` counts all frames of the video from 0, `time` is in seconds from its start.
 *
 * @throws OptionsError `NO_FFMPEG` where ffmpeg is not installed; DatasetError `BAD_VIDEO` where no frame can be had.
 * @example
 * ```ts
 * import { readFrames } from "@fer/dataset-extractors/video";
 *
 * const frames = readFrames("clip.mp4", { every: { seconds: 0.5 } });
 * try {
 *   for await (const { time } of frames) console.log(time);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // BAD_VIDEO
 * }
 * ```
 */
export async function* readFrames(
  source: string | Readable,
  { every = { frames: 1 }, signal, onStart, onDamage }: FrameOptions = {},
): AsyncGenerator<VideoFrame, void, undefined> {
  checkEvery(every);
  const isStream = typeof source !== "string";
  const name = isStream ? "stream" : source;
  if (!isStream && !isDevice(source)) {
    const info = await probeVideo(source);
    onStart?.(info);
  }
  const input = isStream ? "pipe:0" : inputOf(source);
  const words = [
    "-hide_banner",
    "-nostats",
    "-v",
    "error",
    ...(isStream ? [] : ["-nostdin"]),
    ...ONLY_HERE,
    "-i",
    input,
  ];
  words.push("-map", "0:V:0", "-vf", filtersOf(every), await passthroughFlag(), "passthrough");
  words.push("-f", "image2pipe", "-c:v", "ppm", "pipe:1");
  const running = start("ffmpeg", { words, stdio: [isStream ? "pipe" : "ignore", "pipe", "pipe", "pipe"] });
  const { child, ended } = running;
  let complaints = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => void (complaints += text.slice(0, KEPT)));
  if (isStream) feed(source, running);
  const stop = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", stop);
  const times = new FrameTimes(child.stdio[3] as Readable);
  let count = 0;
  let last = 0;
  try {
    for await (const picture of pictures(child.stdout!)) {
      signal?.throwIfAborted();
      const { index, time } = await times.next();
      [count, last] = [count + 1, time];
      yield { index, time, picture };
    }
    const code = await ended;
    signal?.throwIfAborted();
    const problem = firstComplaint(complaints, input);
    if (count === 0) throw badVideo(name, noFrame(problem));
    if (problem !== null || code !== 0)
      onDamage?.(`damaged, or cut off after ${last.toFixed(2)} s (${problem ?? `ffmpeg ended with ${code}`})`);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
    await ended.catch(() => {});
  }
}

function noFrame(problem: string | null): string {
  if (problem === null) return "it has no frame";
  return /matches no streams/.test(problem) ? "nothing in it is a video" : `it cannot be decoded (${problem})`;
}

function checkEvery(every: Every): void {
  const value = "frames" in every ? every.frames : every.seconds;
  if (value > 0 && Number.isFinite(value) && ("seconds" in every || Number.isInteger(value))) return;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "every",
    found: JSON.stringify(every),
    expected: "a whole number of frames above 0, or seconds above 0",
  });
}

/** Writes what every frame is called before one is chosen, and once more where it is; pixels become square. */
function filtersOf(every: Every): string {
  const say = (what: string): string =>
    `metadata=mode=add:key=${what}:value=1,metadata=mode=print:key=${what}:file='pipe\\:3':direct=1`;
  // 0.6 / 0.2 is a little less than 3, and containers round times
  const stepOf = (time: string): string => `floor(${time}/${"seconds" in every ? every.seconds : 1}+1/1000)`;
  const isChosen =
    "frames" in every
      ? `not(mod(n\\,${every.frames}))`
      : `isnan(prev_selected_t)+gt(${stepOf("t")}\\,${stepOf("prev_selected_t")})`;
  return ["settb=AVTB", say(SEEN), `select='${isChosen}'`, say(TAKEN), "scale=w='round(iw*sar)':h=ih", "setsar=1"].join(
    ",",
  );
}

const [SEEN, TAKEN] = ["fer.seen", "fer.taken"];

/** Frames and times as ffmpeg tells them in its second pipe. */
class FrameTimes {
  /** The last frame that came to the choice: the one that is taken, where one is. */
  #seen = 0;
  readonly #taken: { index: number; time: number }[] = [];
  #isOver = false;
  #wake: () => void = () => {};
  #rest = "";
  #line = { index: 0, time: 0 };

  constructor(pipe: Readable) {
    pipe.setEncoding("latin1");
    pipe.on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#read(line);
      this.#wake();
    });
    for (const event of ["close", "error"])
      pipe.on(event, () => {
        this.#isOver = true;
        this.#wake();
      });
  }

  /** Of the next frame that comes through the first pipe. */
  async next(): Promise<{ index: number; time: number }> {
    while (this.#taken.length === 0) {
      if (this.#isOver) throw badVideo("video", "ffmpeg gave a frame without its time");
      await new Promise<void>((resolve) => void (this.#wake = resolve));
    }
    return this.#taken.shift()!;
  }

  #read(line: string): void {
    const [, index, pts] = /^frame:(\d+)\s+pts:(\S+)/.exec(line) ?? [];
    if (index !== undefined) this.#line = { index: Number(index), time: Number(pts) / 1e6 };
    else if (line.startsWith(`${SEEN}=`)) this.#seen = this.#line.index;
    else if (line.startsWith(`${TAKEN}=`)) this.#taken.push({ index: this.#seen, time: this.#line.time });
  }
}

/** PPM pictures one behind the other, each with a header of its own: `P6 <width> <height> 255`. */
async function* pictures(pipe: Readable): AsyncGenerator<Picture> {
  let header = "";
  let size: { width: number; height: number } | null = null;
  let pixels = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      if (size === null) {
        header += String.fromCharCode(chunk[at++]!);
        const [, width, height] = /^P6\s(\d+)\s(\d+)\s255\s$/.exec(header) ?? [];
        if (width === undefined) continue;
        size = { width: Number(width), height: Number(height) };
        if (size.width * size.height > MAX_PIXELS)
          throw badVideo("video", `frames of ${width} x ${height} pixels, more than ${MAX_PIXELS / 1e6} million`);
        pixels = new Uint8Array(size.width * size.height * 3);
        filled = 0;
        continue;
      }
      const part = chunk.subarray(at, at + pixels.length - filled);
      pixels.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < pixels.length) continue;
      yield pictureOf(pixels, { ...size, channels: 3 });
      [size, header] = [null, ""];
    }
  }
}

/** A stream of somebody else goes into ffmpeg, which may end before it does. */
function feed(source: Readable, { child }: Running): void {
  const { stdin } = child;
  stdin!.on("error", () => source.unpipe(stdin!));
  source.pipe(stdin!);
}
