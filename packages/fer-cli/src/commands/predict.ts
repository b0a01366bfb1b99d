/** `fer predict [model] <images...>`: the faces of pictures and videos, and their expressions. */
import { readdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import { DatasetError, OptionsError } from "@fer/core";
import { VIEWS } from "@fer/core/inference";
import { RUN_FILES } from "@fer/core/run";
import { Fit } from "@fer/core/set";
import { DecoderName } from "@fer/dataset-extractors/options";
import { type Every, isVideoName, requireFfmpeg } from "@fer/dataset-extractors/video";
import { ENGINES, loadModel, openFaceDetector, timelineChart } from "@fer/model";
import { FACES, Recognizer } from "@fer/recognizer";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { FaceDrawer } from "../images/draw-faces.js";
import { type FoundFile, findPictures, isPattern, STDIN } from "../images/find-pictures.js";
import { lookAtPictures, type LookSettings, type Seen } from "../images/look-at-pictures.js";
import { PACKAGED_MODEL } from "../images/packaged-model.js";
import { csvHeader, csvRows, jsonRows, rowsTable, storyTable } from "../render/seen.js";
import { lookAtVideo, type VideoSettings, type VideoStory } from "../video/look-at-video.js";

export const PredictOptions = z.strictObject({
  run: z
    .string()
    .describe(
      "Run folder that fer train wrote, folder that fer export --as tfjs wrote, or package that holds either; left out: @fer/weights/fer2013",
    ),
  images: z
    .array(z.string())
    .default([])
    .describe(
      "Pictures and videos, folders of them at any depth, patterns such as 'photos/**/*.jpg', a camera (/dev/video0), or - for stdin",
    ),
  faces: z
    .enum(FACES)
    .default("auto")
    .describe(
      "crop: each picture is a face that was cut out; detect: it is searched for faces; auto looks which it is. Videos are always searched",
    ),
  smallest: z
    .number()
    .positive()
    .optional()
    .describe("Width in pixels of the smallest face that is searched for; 24, or a 32nd of the picture, if left out"),
  least: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      "How sure the detector must be of a face, 0 to 1; 0.72 if left out: with 0.6 it finds more that are hard to see, and more that are none",
    ),
  video: z
    .boolean()
    .default(false)
    .describe(
      "The files that are named, and stdin, are videos, whatever they look like; a stream of bare pictures counts as 25 frames a second",
    ),
  every: z
    .string()
    .regex(
      /^([1-9]\d*|(\d*[1-9]\d*(\.\d+)?|\d*\.\d*[1-9]\d*)s)$/,
      "a number of frames, such as 5, or of seconds, such as 0.5s",
    )
    .default("1")
    .describe("Of a video, one frame in so many (5), or in so many seconds (0.5s)"),
  smooth: z
    .number()
    .min(0)
    .default(0)
    .describe("Seconds over which the probabilities of each face of a video are smoothed (exponentially)"),
  csv: z.boolean().default(false).describe("Rows of CSV instead of a table"),
  draw: z
    .string()
    .optional()
    .describe("Folder for a copy of each photo with boxes and bars, as PNG, and a chart of each video over time"),
  fit: Fit.optional().describe(
    "What makes a face that was cut out square: stretch, pad (black bars) or crop (centre square); as in the set of the training if left out",
  ),
  decoder: DecoderName.default("jimp").describe("Library that decodes pictures; sharp is faster and optional"),
  views: z
    .literal(VIEWS)
    .optional()
    .describe(
      "Views of each face whose mean is told: 1 is up to ten times as fast as 10, and right about a point less often; those of the model if left out",
    ),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the model; if left out, that of the training, or onnx in place of TensorFlow on a CPU"),
});

export default defineCommand({
  options: PredictOptions,
  positionals: ["run", "images"],
  paths: ["run", "images", "draw"],
  details:
    "A square picture that a face fills, or of at most 64 pixels, is taken for a face that was cut out; any other is searched for faces, and each of them has its row. Photos without a face are listed. A video is read through ffmpeg, which must be installed; --json and --csv have a row for each face of each frame, with its time in seconds, the number of the frame, and a track that is the same while a face is followed. Blank pictures, noise and what does not look like a face are marked as such: do not rely on what is said of them. Pictures that cannot be decoded are listed with the reason; exit code 1 where one of them was named, or no picture could be decoded.",
  examples: [
    "fer predict photo.jpg",
    "fer predict runs/first photo.jpg",
    "fer predict runs/first photos --draw seen --csv",
    "fer predict clip.mp4 --every 0.2s --smooth 0.5 --draw seen",
    "ffmpeg -i /dev/video0 -f nut -c:v mjpeg - | fer predict - --json",
  ],
  async run(options, { hooks, output }) {
    const { run, engine, views, smallest, least, csv, draw, every, smooth, video } = options;
    if (csv && output.options.json) throw twoForms();
    const { source, images } = await sourceAndImages(run, options.images);
    if (source === PACKAGED_MODEL) output.note("model: @fer/weights/fer2013, which comes along");
    const model = await loadModel(source, { engine, views, signal: hooks.signal });
    const detector = await openFaceDetector({
      ...(smallest === undefined ? {} : { smallest }),
      ...(least === undefined ? {} : { least }),
    });
    try {
      const { files, others: left } = await findPictures(images, { areVideos: video });
      if (files.length === 0) throw noPictures(images, left);
      const names = files.map(({ file }) => file);
      const drawer = draw === undefined ? undefined : await FaceDrawer.open(draw, names);
      if (files.some(({ isVideo }) => isVideo)) await requireFfmpeg();
      const recognizer = new Recognizer({ detector, model });
      if (left > 0) output.note(`${left} other files were left out`);
      const { classes } = model.model;
      const stories: VideoStory[] = [];
      const settings: LookSettings & VideoSettings = {
        recognizer,
        faces: options.faces,
        fit: options.fit,
        decoder: options.decoder,
        hooks,
        ...(drawer === undefined ? {} : { onPhoto: drawer.draw.bind(drawer) }),
        every: everyOf(every),
        smooth,
        async onEnd(story) {
          stories.push(story);
          const title = story.file === STDIN ? "stdin" : basename(story.file);
          await drawer?.drawTimeline(story.file, timelineChart(story.timeline.points(), { title, classes }));
        },
      };
      const counts: Counts = {
        animations: 0,
        failed: 0,
        doubted: 0,
        crops: 0,
        photos: 0,
        faces: 0,
        empty: 0,
        frames: 0,
        emptyFrames: 0,
      };
      let isNamedOneBad = false;
      const columns = { classes, hasVideos: files.some(({ isVideo }) => isVideo) };
      async function* pieces() {
        let isFirst = true;
        for await (const seen of lookAt(files, settings)) {
          for (const each of seen) count(each, counts);
          isNamedOneBad ||= seen.some((each) => "problem" in each && images.includes(each.file));
          const header = isFirst ? [csvHeader(columns)] : [];
          const told = [rowsTable(seen), ...stories.splice(0).map(storyTable)].filter((text) => text !== "");
          const text = csv ? [...header, ...seen.flatMap((each) => csvRows(each, columns))] : told;
          isFirst = false;
          if (text.length > 0 || output.options.json) yield { text: text.join("\n"), json: seen.flatMap(jsonRows) };
        }
      }
      await output.pieces(pieces());
      for (const note of notesOf(counts, files.length)) output.note(note);
      return { text: "", json: null, isShown: true, exitCode: isNamedOneBad || counts.failed === files.length ? 1 : 0 };
    } finally {
      detector.dispose();
      model.dispose();
    }
  },
});

/** Looks at files in their order: pictures that follow one another in batches, each video by itself. */
async function* lookAt(files: readonly FoundFile[], settings: LookSettings & VideoSettings): AsyncGenerator<Seen[]> {
  for (let from = 0; from < files.length;) {
    const { file, isVideo } = files[from]!;
    if (isVideo) {
      yield* lookAtVideo(file, settings);
      from += 1;
      continue;
    }
    const next = files.findIndex((each, at) => at > from && each.isVideo);
    const to = next < 0 ? files.length : next;
    yield* lookAtPictures(
      files.slice(from, to).map((each) => each.file),
      settings,
    );
    from = to;
  }
}

const everyOf = (text: string): Every =>
  text.endsWith("s") ? { seconds: Number(text.slice(0, -1)) } : { frames: Number(text) };

/** Whether the first word names a model, or is a picture already, for the model that comes along. */
async function sourceAndImages(
  first: string,
  rest: readonly string[],
): Promise<{ source: string; images: readonly string[] }> {
  if (await isPictures(first)) return { source: PACKAGED_MODEL, images: [first, ...rest] };
  if (rest.length > 0) return { source: first, images: rest };
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "images",
    found: `none beside the model ${first}`,
    expected: "pictures, folders of pictures, patterns, or - for stdin",
  });
}

/** Stdin, a pattern, a file that is not called as a model, or a folder that holds none. */
async function isPictures(word: string): Promise<boolean> {
  if (word === STDIN || isPattern(word)) return true;
  const found = await stat(word).catch(() => null);
  if (found === null) return (/\.[A-Za-z]{3,5}$/.test(word) || isVideoName(word)) && !word.startsWith("@");
  if (found.isCharacterDevice()) return true;
  if (found.isFile()) return !/\.(h5|hdf5|keras|json|onnx|pb|tflite)$/i.test(word);
  const entries = await readdir(word);
  return ![RUN_FILES.config, RUN_FILES.model].some((file) => entries.includes(file)) && !entries.some(isOfRuns);
}

/** What a folder of several runs holds: its message says more than that it has no picture. */
const isOfRuns = (entry: string): boolean => /^(seed|fold)-\d+$|^seeds\.json$/.test(entry);

type Counts = Record<
  "animations" | "failed" | "doubted" | "crops" | "photos" | "faces" | "empty" | "frames" | "emptyFrames",
  number
>;

function count(seen: Seen, counts: Counts): void {
  if ("firstOf" in seen) counts.animations += 1;
  if ("problem" in seen) counts.failed += 1;
  else if ("frame" in seen) {
    counts.frames += 1;
    counts.emptyFrames += seen.faces.length === 0 ? 1 : 0;
  } else if ("faces" in seen) {
    counts.photos += 1;
    counts.faces += seen.faces.length;
    counts.empty += seen.faces.length === 0 ? 1 : 0;
  } else {
    counts.crops += 1;
    counts.doubted += seen.doubt === null ? 0 : 1;
  }
}

/** What was done with the pictures, where that is not plain from the rows. */
function notesOf(counts: Counts, total: number): string[] {
  const { animations, failed, doubted, crops, photos, faces, empty, frames, emptyFrames } = counts;
  const some = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
  const notes: string[] = [];
  if (photos > 0) {
    const whole = crops === 0 ? "" : `; ${some(crops, "picture")} taken for faces that were cut out`;
    notes.push(`${some(photos, "photo")} searched: ${some(faces, "face")}, ${empty} without a face${whole}`);
  }
  if (animations > 0) notes.push(`${some(animations, "animation")}: the first frame was looked at, as a picture`);
  if (frames > 0) notes.push(`${some(frames, "frame")} searched: ${emptyFrames} without a face`);
  if (failed > 0) {
    const what = frames > 0 ? "files could not be decoded, or not to their end" : "pictures could not be decoded";
    notes.push(`${failed} of ${total} ${what}`);
  }
  if (doubted > 0)
    notes.push(`${doubted} of ${total} pictures may not show a face: do not rely on what is said of them`);
  return notes;
}

const noPictures = (images: readonly string[], others: number): DatasetError =>
  new DatasetError({
    code: "EMPTY_FOLDER",
    subject: images.join(", "),
    found: others === 0 ? "nothing there" : `${others} files, and none with the name of a picture`,
    expected: "png, jpg or other pictures, or videos",
  });

const twoForms = (): OptionsError =>
  new OptionsError({ code: "TWO_FORMS", subject: "--csv", found: "--json too", expected: "one of the two" });
