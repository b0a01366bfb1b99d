/** Frames and their times, of videos that ffmpeg makes here. */
import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VideoFrame } from "@fer/core/pixels";
import { beginsAsVideo, type Every, isVideoName, probeVideo, readFrames } from "@fer/dataset-extractors/video";
import { afterAll, describe, expect, test } from "vitest";
import { greyFrames, hasFfmpeg, makeVideo } from "./make-video.js";

const folder = mkdtempSync(join(tmpdir(), "fer-video-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const LOSSLESS = ["-c:v", "ffv1"];
/** Times 0, 0.01, 0.04, 0.09, ... as a phone in the dark has them. */
const SQUARES = [
  "-vf",
  "settb=1/1000,setpts=N*N*10",
  "-fps_mode",
  "passthrough",
  "-enc_time_base",
  "1/1000",
  ...LOSSLESS,
];

async function all(
  source: Parameters<typeof readFrames>[0],
  options?: Parameters<typeof readFrames>[1],
): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for await (const frame of readFrames(source, options)) frames.push(frame);
  return frames;
}

/** Number, time and grey of the last pixel. */
const shown = (frames: readonly VideoFrame[]): number[][] =>
  frames.map(({ index, time, picture }) => [index, time, picture.data.at(-1)!]);

const problemOf = async (source: Parameters<typeof readFrames>[0]): Promise<string> =>
  all(source).then(
    () => "none",
    (error: Error) => error.message.replaceAll(`${folder}/`, ""),
  );

describe.skipIf(!hasFfmpeg)("frames (ffmpeg)", { timeout: 60_000 }, () => {
  test("come in their order with their times, also where these are at unequal distances", async () => {
    makeVideo(at("squares.mkv"), { frames: greyFrames(6), words: SQUARES });
    expect(shown(await all(at("squares.mkv")))).toEqual([
      [0, 0, 10],
      [1, 0.01, 20],
      [2, 0.04, 30],
      [3, 0.09, 40],
      [4, 0.16, 50],
      [5, 0.25, 60],
    ]);
  });

  test.each<[Every, number[]]>([
    [{ frames: 2 }, [0, 2, 4]],
    [{ frames: 7 }, [0]],
    [{ seconds: 0.1 }, [0, 4, 5]],
    [{ seconds: 0.05 }, [0, 3, 4, 5]],
  ])("%j: one in so many frames, or in so many seconds of the video", async (every, indices) => {
    makeVideo(at("squares.mkv"), { frames: greyFrames(6), words: SQUARES });
    const frames = shown(await all(at("squares.mkv"), { every }));
    expect(frames).toEqual(indices.map((i) => [i, Math.round(i * i) / 100, 10 * (i + 1)]));
  });

  test("are turned as the file says, and given square pixels", async () => {
    makeVideo(at("wide.mp4"), { frames: greyFrames(3), words: ["-pix_fmt", "yuv420p"] });
    const words = ["-v", "error", "-y", "-i", at("wide.mp4"), "-c", "copy"];
    execFileSync("ffmpeg", [...words, "-metadata:s:v", "rotate=90", at("phone.mp4")]);
    const [phone] = await all(at("phone.mp4"));
    const { width, height, data } = phone!.picture;
    expect([width, height]).toEqual([48, 64]);
    // a quarter to the left: what was left above is left below
    const step = data.length / (width * height);
    const corners = [0, width - 1, (height - 1) * width, height * width - 1].map((i) => data[i * step]! > 200);
    expect(corners.filter(Boolean)).toHaveLength(1);
    expect(corners.slice(2)).toEqual([true, false]);
    makeVideo(at("flat.mkv"), { frames: greyFrames(1), words: ["-vf", "setsar=2", ...LOSSLESS] });
    const [flat] = await all(at("flat.mkv"));
    expect([flat!.picture.width, flat!.picture.height]).toEqual([128, 48]);
  });

  test("come out of a stream too, that of a container and that of bare pictures", async () => {
    makeVideo(at("squares.mkv"), { frames: greyFrames(6), words: SQUARES });
    expect(shown(await all(createReadStream(at("squares.mkv")))).map(([, time]) => time)).toEqual([
      0, 0.01, 0.04, 0.09, 0.16, 0.25,
    ]);
    makeVideo(at("bare.mjpeg"), { frames: greyFrames(4), words: ["-q:v", "2", "-f", "image2pipe", "-c:v", "mjpeg"] });
    const bare = shown(await all(createReadStream(at("bare.mjpeg"))));
    expect(bare.map(([index, time]) => [index, time])).toEqual([
      [0, 0],
      [1, 0.04],
      [2, 0.08],
      [3, 0.12],
    ]);
  });

  test("of a video that is cut off come as far as they go, and it is said", async () => {
    makeVideo(at("long.mkv"), {
      frames: greyFrames(20, { width: 256, height: 192 }),
      words: ["-c:v", "mjpeg", "-q:v", "2"],
    });
    const whole = readFileSync(at("long.mkv"));
    writeFileSync(at("cut.mkv"), whole.subarray(0, Math.floor(whole.length * 0.6)));
    const damage: string[] = [];
    const frames = await all(at("cut.mkv"), { onDamage: (problem) => damage.push(problem) });
    expect(frames.length).toBeGreaterThan(4);
    expect(frames.length).toBeLessThan(20);
    expect(damage).toHaveLength(1);
    expect(damage[0]).toMatch(/^damaged, or cut off after \d\.\d\d s \(.+\)$/);
  });

  test("are not to be had of what is no video: it is said why", async () => {
    writeFileSync(at("empty.mp4"), "");
    writeFileSync(at("text.mp4"), "no video at all\n".repeat(100));
    makeVideo(at("one.mp4"), { frames: greyFrames(2), words: ["-pix_fmt", "yuv420p"] });
    writeFileSync(at("headless.mp4"), readFileSync(at("one.mp4")));
    truncateSync(at("headless.mp4"), 600);
    const sound = ["-v", "error", "-y", "-f", "lavfi", "-i", "sine=d=0.2"];
    execFileSync("ffmpeg", [...sound, at("sound.wav")]);
    execFileSync("ffmpeg", [...sound, at("sound.mp4")]);
    makeVideo(at("cover.png"), { frames: greyFrames(1), words: [] });
    const cover = ["-i", at("cover.png"), "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic"];
    execFileSync("ffmpeg", ["-v", "error", "-y", "-i", at("sound.mp4"), ...cover, at("song.mp4")]);
    writeFileSync(at("none.y4m"), "YUV4MPEG2 W64 H48 F10:1 Ip A1:1 C420\n");
    const strange = readFileSync(at("squares.mkv"));
    for (let i = strange.indexOf("FFV1"); i >= 0; i = strange.indexOf("FFV1", i)) strange.write("XXQ1", i, "latin1");
    writeFileSync(at("strange.mkv"), strange);
    const names = ["empty", "text", "headless", "sound", "song"].map((name) => `${name}.mp4`);
    const said = [];
    for (const name of [...names, "sound.wav", "strange.mkv", "none.y4m", "nowhere.mp4"])
      said.push(await problemOf(at(name)));
    said.push(await problemOf("https://example.org/a.mp4"), await problemOf("/usr"));
    said.push(await problemOf(createReadStream(at("sound.wav"))), await problemOf(createReadStream(at("text.mp4"))));
    expect(said.join("\n")).toMatchInlineSnapshot(`
      "empty.mp4: the file is empty (0 bytes). Expected a video that ffmpeg can decode.
      text.mp4: it cannot be read (moov atom not found). Expected a video that ffmpeg can decode.
      headless.mp4: it cannot be read (moov atom not found). Expected a video that ffmpeg can decode.
      sound.mp4: audio alone, no video. Expected a video that ffmpeg can decode.
      song.mp4: audio alone and a cover picture, no video. Expected a video that ffmpeg can decode.
      sound.wav: audio alone, no video. Expected a video that ffmpeg can decode.
      strange.mkv: its codec is not known to this ffmpeg. Expected a video that ffmpeg can decode.
      none.y4m: it has no frame. Expected a video that ffmpeg can decode.
      nowhere.mp4: the file is missing. Expected a video that ffmpeg can decode.
      https://example.org/a.mp4: an address: download it first. Expected a video that ffmpeg can decode.
      /usr: a folder. Expected a video that ffmpeg can decode.
      stream: nothing in it is a video. Expected a video that ffmpeg can decode.
      stream: it cannot be decoded (Invalid data found when processing input). Expected a video that ffmpeg can decode."
    `);
  });

  test("end with whoever asked for them: ffmpeg does not stay", async () => {
    makeVideo(at("squares.mkv"), { frames: greyFrames(6), words: SQUARES });
    for await (const { index } of readFrames(at("squares.mkv"))) if (index === 1) break;
    const stop = new AbortController();
    const frames = readFrames(at("squares.mkv"), { signal: stop.signal });
    await frames.next();
    stop.abort(new Error("stop"));
    await expect(countOf(frames)).rejects.toThrow("stop");
  });

  test("say what they are before they are decoded", async () => {
    makeVideo(at("one.mp4"), { frames: greyFrames(5), words: ["-pix_fmt", "yuv420p"] });
    expect(await probeVideo(at("one.mp4"))).toEqual({ duration: 0.5, codec: "h264", width: 64, height: 48 });
  });

  test.each([{ frames: 0 }, { frames: 1.5 }, { seconds: 0 }, { seconds: Number.NaN }])(
    "%j is refused",
    async (every) => {
      await expect(all(at("one.mp4"), { every })).rejects.toThrow("every: ");
    },
  );
});

async function countOf(frames: AsyncIterable<VideoFrame>): Promise<number> {
  let count = 0;
  for await (const { index } of frames) count = index + 1;
  return count;
}

test("without ffmpeg one line says how to get it", async () => {
  const { PATH } = process.env;
  writeFileSync(at("any.mp4"), "x");
  process.env["PATH"] = at("nothing");
  try {
    expect(await problemOf(at("any.mp4"))).toMatchInlineSnapshot(
      `"video: ffprobe is not on the PATH. Expected ffmpeg and ffprobe of the system. Install them: apt-get install ffmpeg, brew install ffmpeg, or winget install ffmpeg."`,
    );
  } finally {
    process.env["PATH"] = PATH;
  }
});

test("videos are known by their names and their first bytes", () => {
  expect(["a.MP4", "b.webm", "c.mjpeg", "d.ts", "e.png"].map(isVideoName)).toEqual([true, true, true, false, false]);
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
  const videos = [
    "\0\0\0\x20ftypisom",
    "\x1a\x45\xdf\xa3..",
    "RIFF....AVI LIST",
    "YUV4MPEG2 W64",
    "nut/multimedia container",
  ];
  const others = [
    "\0\0\0\x20ftypheic",
    "\0\0\0\x20ftypavif",
    "RIFF....WEBPVP8 ",
    "\xff\xd8\xff\xe0",
    "",
    "Good morning",
  ];
  expect(videos.map((text) => beginsAsVideo(bytes(text)))).toEqual(videos.map(() => true));
  expect(others.map((text) => beginsAsVideo(bytes(text)))).toEqual(others.map(() => false));
});
