/** `fer predict` of videos: what ffmpeg makes here, with a face of CK+ in it. */
import { execFileSync, spawn } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { paste, type Picture, resizeBilinear } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import type { Recognizer } from "@fer/recognizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAtVideo } from "../../dist/video/look-at-video.js";
import { hasFfmpeg, makeVideo } from "../../../dataset-extractors/test/video/make-video.js";
import { BIN } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";

const EXAMPLES = fileURLToPath(new URL("../../../../examples/data/ckplus/", import.meta.url));

interface Row {
  file: string;
  time?: number;
  frame?: number;
  track?: number;
  faces?: number;
  expression?: string;
  confidence?: number;
  box?: { x: number; width: number };
  problem?: string;
}

/** Grey frames through which a happy face goes to the right; in the last `empty` of them there is none. */
async function frames(count: number, empty: number): Promise<Picture[]> {
  const face = resizeBilinear(await readPicture(join(EXAMPLES, "4/S010_006_00000015.png")), {
    width: 140,
    height: 140,
  });
  return Array.from({ length: count }, (_, i) => {
    const frame: Picture = { width: 320, height: 180, channels: 1, data: new Uint8Array(57_600).fill(110) };
    if (i < count - empty) paste(face, { into: frame, x: 20 + 10 * i, y: 20 });
    return frame;
  });
}

describe.skipIf(!hasFfmpeg)("fer predict looks at videos (ffmpeg)", { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fer-clip-"));
    makeVideo(join(folder, "clip.mkv"), { frames: await frames(10, 3), words: ["-c:v", "ffv1"] });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("a row each face and frame, with time and track; a chart; frames without a face are counted", async () => {
    const { code, stdout, stderr } = await warmFer(
      folder,
      "predict",
      "--smallest",
      "60",
      "clip.mkv",
      "--json",
      "--draw",
      "seen",
    );
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as Row[];
    expect(rows.map(({ time, frame }) => [frame, time])).toEqual(Array.from({ length: 10 }, (_, i) => [i, i / 10]));
    expect(rows.map(({ track = null, faces = 1 }) => [track, faces])).toEqual([
      ...Array.from({ length: 7 }, () => [1, 1]),
      ...Array.from({ length: 3 }, () => [null, 0]),
    ]);
    const middles = rows.slice(0, 7).map(({ box }) => box!.x + box!.width / 2);
    for (const [i, middle] of middles.entries()) expect(Math.abs(middle - (90 + 10 * i))).toBeLessThan(8);
    expect(stderr).toContain("10 frames searched: 3 without a face\n");
    const spec = JSON.parse(readFileSync(join(folder, "seen/clip-timeline.vl.json"), "utf8")) as {
      description: string;
    };
    expect(spec.description).toBe("Expressions of 1 face over time, 0.0 to 0.6 s.");
    expect(readFileSync(join(folder, "seen/clip-timeline.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  it("the table has a row each face; CSV columns of time, frame and track", async () => {
    writeFileSync(join(folder, "photo.png"), encodePng((await frames(1, 0))[0]!));
    const shown = (await warmFer(folder, "predict", "--smallest", "60", "clip.mkv", "--every", "0.2s", "--quiet"))
      .stdout;
    const lines = shown
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(lines.map((cells) => [cells[0], cells.at(-1)])).toEqual([
      ["video", "note"],
      ["clip.mkv face 1", "0.00 to 0.60 s, 4 frames"],
      ["clip.mkv", "0.00 to 0.80 s, 1 of 5 frames without a face"],
    ]);
    const csv = (
      await warmFer(folder, "predict", "--smallest", "60", "clip.mkv", "photo.png", "--every", "4", "--csv", "--quiet")
    ).stdout;
    const cells = csv
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(cells[0]!.slice(0, 6)).toEqual(["file", "time", "frame", "track", "face", "x"]);
    expect(cells.slice(1).map((row) => row.slice(0, 5).join())).toEqual([
      "clip.mkv,0,0,1,1",
      "clip.mkv,0.4,4,1,1",
      "clip.mkv,0.8,8,,0",
      "photo.png,,,,1",
    ]);
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([cells[0]!.length]));
  });

  it("the end of a video is handed on, also where each frame was before", async () => {
    const hooks = { signal: new AbortController().signal, onProgress: () => {} };
    const slow = async () => sleep(1050, []);
    const recognizer = { recognize: slow } as unknown as Recognizer;
    let isOver = false;
    const onEnd = async () => void (isOver = true);
    const pieces = [];
    for await (const seen of lookAtVideo(join(folder, "clip.mkv"), {
      recognizer,
      every: { frames: 5 },
      smooth: 0,
      hooks,
      onEnd,
    }))
      pieces.push([seen.length, isOver]);
    expect(pieces).toEqual([
      [1, false],
      [1, false],
      [0, true],
    ]);
  });

  it("smoothed probabilities follow the formula", async () => {
    const read = async (...words: string[]) =>
      (
        JSON.parse(
          (await warmFer(folder, "predict", "--smallest", "60", "clip.mkv", "--every", "2", "--json", ...words)).stdout,
        ) as {
          probabilities?: Record<string, number>;
        }[]
      ).flatMap(({ probabilities }) => (probabilities === undefined ? [] : [probabilities]));
    const [raw, smooth] = [await read(), await read("--smooth", "0.3")];
    const keep = Math.exp(-0.2 / 0.3);
    let expected = raw[0]!["happy"]!;
    for (const [i, { happy }] of raw.entries()) {
      if (i > 0) expected = keep * expected + (1 - keep) * happy!;
      expect(smooth[i]!["happy"]).toBeCloseTo(expected, 6);
    }
  });

  it("a rotated phone video is seen upright, stdin takes a container and bare pictures", async () => {
    // stored turned to the right, with the note that it is to be turned to the left
    const turned = ["-vf", "transpose=clock", "-pix_fmt", "yuv420p", "-crf", "10"];
    makeVideo(join(folder, "stored.mp4"), { frames: await frames(4, 0), words: turned });
    const copy = ["-c", "copy", "-metadata:s:v", "rotate=90", join(folder, "turned.mp4")];
    execFileSync("ffmpeg", ["-v", "error", "-i", join(folder, "stored.mp4"), ...copy]);
    const rows = JSON.parse(
      (await warmFer(folder, "predict", "--smallest", "60", "turned.mp4", "--json", "--quiet")).stdout,
    ) as Row[];
    expect(rows.map(({ track }) => track)).toEqual([1, 1, 1, 1]);
    expect(Math.abs(rows[0]!.box!.x + rows[0]!.box!.width / 2 - 90)).toBeLessThan(10);
    makeVideo(join(folder, "bare"), {
      frames: await frames(3, 1),
      words: ["-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "2"],
    });
    const piped = async (file: string, ...words: string[]): Promise<(number | undefined)[][]> => {
      const child = spawn(process.execPath, [BIN, "predict", "--smallest", "60", "-", "--json", "--quiet", ...words], {
        cwd: folder,
      });
      createReadStream(join(folder, file)).pipe(child.stdin);
      let text = "";
      for await (const piece of child.stdout) text += String(piece);
      return (JSON.parse(text) as Row[]).map(({ time, track }) => [time, track]);
    };
    expect((await piped("turned.mp4")).map(([time]) => time)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(await piped("bare", "--video")).toEqual([
      [0, 1],
      [0.04, 1],
      [0.08, undefined],
    ]);
  });

  it("a video that is cut off, has no frame, or is sound alone is listed with the reason", async () => {
    makeVideo(join(folder, "whole.mkv"), { frames: await frames(10, 3), words: ["-c:v", "mjpeg", "-q:v", "2"] });
    const whole = readFileSync(join(folder, "whole.mkv"));
    writeFileSync(join(folder, "cut.mkv"), whole.subarray(0, Math.floor(whole.length * 0.8)));
    writeFileSync(join(folder, "text.mp4"), "nothing");
    mkdirSync(join(folder, "mixed"));
    for (const name of ["cut.mkv", "clip.mkv"])
      writeFileSync(join(folder, "mixed", name), readFileSync(join(folder, name)));
    writeFileSync(join(folder, "mixed/notes.txt"), "x");
    writeFileSync(join(folder, "mixed/a.png"), encodePng((await frames(1, 0))[0]!));
    const { code, stdout, stderr } = await warmFer(
      folder,
      "predict",
      "--smallest",
      "60",
      "mixed",
      "text.mp4",
      "--json",
      "--every",
      "5",
    );
    expect(code).toBe(1);
    const rows = JSON.parse(stdout) as Row[];
    expect(rows.map(({ file, frame, problem }) => [file, frame ?? problem?.replace(/ \(.*|\d+\.\d+/g, "")])).toEqual([
      ["mixed/a.png", undefined],
      ["mixed/clip.mkv", 0],
      ["mixed/clip.mkv", 5],
      ["mixed/cut.mkv", 0],
      ["mixed/cut.mkv", "damaged, or cut off after  s"],
      ["text.mp4", "it cannot be read"],
    ]);
    expect(stderr).toContain("1 other files were left out\n");
    expect(stderr).toContain("2 of 4 files could not be decoded, or not to their end\n");
  });
});
