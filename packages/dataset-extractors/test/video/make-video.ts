/** Videos made by ffmpeg out of frames that are made here. */
import { execFileSync, spawnSync } from "node:child_process";
import type { Picture } from "@fer/core/pixels";
import { toRgb } from "@fer/core/pixels";

/** Whether ffmpeg is here; tests that need it are skipped visibly without it. */
export const hasFfmpeg =
  spawnSync("ffmpeg", ["-version"]).status === 0 && spawnSync("ffprobe", ["-version"]).status === 0;

/** Frames in, a file out; the words stand between both. */
export function makeVideo(
  file: string,
  { frames, words }: { frames: readonly Picture[]; words: readonly string[] },
): void {
  const input = Buffer.concat(
    frames.flatMap((frame) => {
      const { width, height, data } = toRgb(frame);
      return [Buffer.from(`P6\n${width} ${height}\n255\n`), data];
    }),
  );
  const before = ["-v", "error", "-y", "-f", "image2pipe", "-framerate", "10", "-i", "pipe:0"];
  execFileSync("ffmpeg", [...before, ...words, file], { input, stdio: ["pipe", "ignore", "inherit"] });
}

/** Frames of one grey each: 10, 20, 30, ... the upper left quarter white. */
export const greyFrames = (count: number, { width = 64, height = 48 } = {}): Picture[] =>
  Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(width * height).fill(10 * (i + 1));
    for (let y = 0; y < height / 2; y++) data.fill(255, y * width, y * width + width / 2);
    return { width, height, channels: 1, data };
  });
