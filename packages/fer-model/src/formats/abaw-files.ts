/**
 * Predictions of ABAW's expression challenges on disk: written from what `fer predict --csv` says of frames, and scored
 * against the owner's annotations. Of the forms of `abaw.ts`, a folder of `<video>.txt` goes with 2020, one file
 * (`predictions.txt`) with later editions; annotations are read in both.
 */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit, OptionsError, parseOptions } from "@fer/core";
import { buildExport, hashFile } from "@fer/core/artifact";
import { z } from "zod";
import { ABAW_CLASSES, type AbawEdition, abawFile, type AbawScore, abawScore, abawText, NO_FACE } from "./abaw.js";
import { frameCounts, readAbaw, SINGLE } from "./abaw-codes.js";
import { predictedCodes } from "./abaw-predictions.js";

export const AbawWriteOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the files to hand in"),
  frames: z
    .string()
    .min(1)
    .describe(
      "Number of frames of each video: a table with the columns video and frames, a folder of the owner's <video>.txt, or his list of image_location",
    ),
  edition: z
    .literal([2020, 2022])
    .default(2022)
    .describe("2020: seven classes, one txt a video (2020, 2021); 2022: eight classes, one file (2022 and later)"),
  overwrite: z.boolean().default(false).describe("Replace an earlier export of other predictions"),
});
export type AbawWriteOptions = z.infer<typeof AbawWriteOptions>;

/** What {@link writeAbaw} returns. */
export interface AbawWritten {
  to: string;
  files: string[];
  edition: AbawEdition;
  videos: number;
  frames: number;
  /** Frames with -1. */
  faceless: number;
  /** It was there already, made of the same predictions. */
  reused: boolean;
}

/** Raised when the same predictions give other bytes. */
const VERSION = 1;

/**
 * Writes what is handed in. Frames that have no row, no face or could not be decoded are -1; of several faces in a frame
 * the largest counts, which `fer predict` lists first.
 *
 * @param predictions Table of `fer predict --csv`: `file` is `<video>/<frame>.jpg` or, with a column `frame` that counts
 *   from 0, a video; or of a run (`predictions.csv`), whose `id` is `<video>_<frame>`.
 * @throws OptionsError `BAD_FRAMES` for frames that a video does not have and videos whose frames are not known;
 *   FormatError for other classes than the edition's, and for a frame that is told twice.
 * @example
 * ```ts
 * import { writeAbaw } from "@fer/model";
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "fer-abaw-"));
 * await writeFile(join(folder, "seen.csv"), "file,expression\nclip/00001.jpg,happy\nclip/00003.jpg,sad\n");
 * await writeFile(join(folder, "frames.csv"), "video,frames\nclip,3\n");
 * const options = { frames: join(folder, "frames.csv"), to: join(folder, "submission") };
 * console.log((await writeAbaw(join(folder, "seen.csv"), options)).faceless); // 1
 * ```
 */
export async function writeAbaw(
  predictions: string,
  { onNote, signal, ...input }: z.input<typeof AbawWriteOptions> & AbawHooks,
): Promise<AbawWritten> {
  const { to, frames, edition, overwrite } = parseOptions(input, { schema: AbawWriteOptions, subject: "ABAW options" });
  const counts = await frameCounts(frames);
  const seen = await predictedCodes(predictions, { edition, onNote });
  const unknown = [...seen.keys()].find((video) => !counts.has(video));
  if (unknown !== undefined) {
    throw new OptionsError({
      code: "BAD_FRAMES",
      subject: `video ${unknown}`,
      found: `predictions, and no number of frames in ${frames}`,
      expected: "all videos that were predicted",
    });
  }
  const videos = [...counts]
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .map(([video, count]) => ({ video, frames: count, codes: seen.get(video) ?? new Map<number, number>() }));
  const silent = videos.filter(({ codes }) => codes.size === 0).map(({ video }) => video);
  if (silent.length > 0)
    onNote?.(`${silent.length} of ${videos.length} videos have no prediction and are all -1, such as ${silent[0]}`);
  // checked as a whole before anything is written
  const texts = new Map(
    edition === 2020
      ? videos.map((video) => [`${video.video}.txt`, abawText(video, edition)] as const)
      : [[SINGLE, abawFile(videos, edition)] as const],
  );
  const identity = {
    format: "abaw",
    version: VERSION,
    edition,
    predictions: (await hashFile(predictions)).sha256,
    frames: createHash("sha256")
      .update(JSON.stringify([...counts].toSorted()))
      .digest("hex"),
  };
  const { status } = await buildExport({ to, identity, overwrite, signal }, async (tree) => {
    for (const [name, text] of texts) await writeFile(join(tree, name), text);
    return [...texts.keys()];
  });
  const total = videos.reduce((sum, video) => sum + video.frames, 0);
  const faces = videos.reduce(
    (sum, { codes }) => sum + [...codes.values()].filter((code) => code !== NO_FACE).length,
    0,
  );
  const files = [...texts.keys()].map((name) => join(to, name));
  return {
    to,
    files,
    edition,
    videos: videos.length,
    frames: total,
    faceless: total - faces,
    reused: status === "kept",
  };
}

/** What {@link writeAbaw} is given by value. */
export interface AbawHooks {
  signal?: AbortSignal | undefined;
  /** Told what was left out. */
  onNote?: ((text: string) => void) | undefined;
}

/** A score, and what it is of. */
export interface ScoredAbaw extends AbawScore {
  edition: AbawEdition;
  videos: number;
}

/**
 * Scores predictions against annotations, over the frames of all videos together. Both are a folder of `<video>.txt` or a
 * single file; their first line tells the edition.
 *
 * @throws OptionsError `BAD_FRAMES` where videos or their numbers of frames differ, or the editions; FormatError for what
 * is not such a file.
 */
export async function scoreAbaw(predicted: string, { truth }: { truth: string }): Promise<ScoredAbaw> {
  const [own, owners] = [await readAbaw(predicted), await readAbaw(truth)];
  const bad = (subject: string, parts: { found: string; expected: string }): OptionsError =>
    new OptionsError({ code: "BAD_FRAMES", subject, ...parts });
  if (own.edition !== owners.edition) {
    const classes = (edition: AbawEdition): string => `the ${ABAW_CLASSES[edition].length} classes of ${edition}`;
    throw bad(predicted, { found: classes(own.edition), expected: `${classes(owners.edition)}, as in ${truth}` });
  }
  const missing = [...owners.videos.keys()].find((video) => !own.videos.has(video));
  if (missing !== undefined)
    throw bad(predicted, { found: `no video ${missing}`, expected: `all ${owners.videos.size} videos of ${truth}` });
  const other = [...own.videos.keys()].find((video) => !owners.videos.has(video));
  if (other !== undefined) throw bad(predicted, { found: `a video ${other}`, expected: `those of ${truth} alone` });
  const codes = { truth: [] as number[], predicted: [] as number[] };
  for (const [video, annotated] of owners.videos) {
    const said = own.videos.get(video)!;
    if (said.length !== annotated.length)
      throw bad(`video ${video}`, { found: `${said.length} frames`, expected: `${annotated.length}, as in ${truth}` });
    for (const [at, code] of annotated.entries()) {
      codes.truth.push(code);
      codes.predicted.push(said[at]!);
    }
  }
  return { ...abawScore(codes, own.edition), edition: own.edition, videos: owners.videos.size };
}
