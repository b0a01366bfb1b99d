/** What a video file is, before it is decoded. */
import { stat } from "node:fs/promises";
import { DatasetError, isAddress } from "@fer/core";
import { z } from "zod";
import { firstComplaint, inputOf, ONLY_HERE, textOf } from "./ffmpeg.js";

export interface VideoInfo {
  /** Seconds, as the container says; `null` where it does not. */
  duration: number | null;
  /** Such as `h264`. */
  codec: string;
  /** As stored, before it is turned upright. */
  width: number;
  height: number;
}

const Probed = z.object({
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        width: z.number().optional(),
        height: z.number().optional(),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
  format: z.object({ duration: z.string().optional() }).optional(),
});

/**
 * Looks at a video file.
 *
 * @throws OptionsError `NO_FFMPEG`; DatasetError `BAD_VIDEO` for what is missing, damaged, without pictures, or of a codec
 *   that this ffmpeg does not have.
 * @example
 * ```ts
 * import { probeVideo } from "@fer/dataset-extractors/video";
 *
 * await probeVideo("nowhere.mp4").catch((error) => console.log(error.code)); // BAD_VIDEO
 * ```
 */
export async function probeVideo(file: string): Promise<VideoInfo> {
  const info = await stat(file).catch(() => null);
  if (info === null) throw badVideo(file, isAddress(file) ? "an address: download it first" : "the file is missing");
  if (info.isDirectory()) throw badVideo(file, "a folder");
  if (info.isFile() && info.size === 0) throw badVideo(file, "the file is empty (0 bytes)");
  const entries =
    "stream=codec_type,codec_name,width,height:stream_disposition=attached_pic:format=duration,format_name";
  const words = ["-v", "error", ...ONLY_HERE, "-of", "json", "-show_entries", entries, inputOf(file)];
  const { code, out, err } = await textOf("ffprobe", words);
  if (code !== 0)
    throw badVideo(file, `it cannot be read (${firstComplaint(err, inputOf(file)) ?? `ffprobe ended with ${code}`})`);
  const { streams, format } = Probed.parse(JSON.parse(out));
  const first = streams.find(
    ({ codec_type, disposition }) => codec_type === "video" && disposition?.attached_pic !== 1,
  );
  if (first === undefined) {
    const others = [...new Set(streams.map(({ codec_type = "unknown" }) => codec_type))];
    const cover = streams.some(({ codec_type }) => codec_type === "video") ? " and a cover picture" : "";
    const rest = others.filter((type) => type !== "video");
    throw badVideo(file, rest.length === 0 ? "nothing in it is a video" : `${rest.join(", ")} alone${cover}, no video`);
  }
  const { codec_name: codec, width = 0, height = 0 } = first;
  if (codec === undefined || codec === "unknown") throw badVideo(file, "its codec is not known to this ffmpeg");
  const duration = Number(format?.duration);
  return { duration: Number.isFinite(duration) ? duration : null, codec, width, height };
}

/** The refusal of one video; `context.problem` says it alone. */
export const badVideo = (source: string, problem: string): DatasetError =>
  new DatasetError({
    code: "BAD_VIDEO",
    subject: source,
    found: problem,
    expected: "a video that ffmpeg can decode",
    context: { file: source, problem },
  });
