/**
 * Predictions of the expression challenges of ABAW (Kollias et al.), and how they are scored. Two editions of the classes
 * exist: seven (2020, 2021) and eight (2022 and later); they are not mixed here.
 *
 *     2020    one <video>.txt: the classes in the first line, then a number a frame, -1 for a frame without a face
 *     later   one file: `image_location,<classes>`, then `<video>/00001.jpg,<number>` a frame
 */
import { OptionsError } from "@fer/core";
import { classMetrics, confusionMatrix } from "@fer/core/run";

/** In the order of the owner's codes. */
export const ABAW_CLASSES = {
  2020: ["Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise"],
  2022: ["Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise", "Other"],
} as const;
export type AbawEdition = keyof typeof ABAW_CLASSES;

/** What is said of a video. */
export interface AbawVideo {
  /** Name without an ending. */
  video: string;
  /** Frames that it has. */
  frames: number;
  /** Codes by number of the frame, from 1; a frame that is missing has no face. */
  codes: ReadonlyMap<number, number>;
}

/** Without a face. */
export const NO_FACE = -1;

/**
 * Content of a video's `.txt`.
 *
 * @throws OptionsError for frames that the video does not have, and for codes that the edition does not have.
 * @example
 * ```ts
 * import { abawText } from "@fer/model";
 *
 * const codes = new Map([[1, 4], [3, 0]]);
 * console.log(abawText({ video: "1-30-1280x720", frames: 3, codes }, 2020).split("\n").slice(1, 4)); // [ '4', '-1', '0' ]
 * ```
 */
export function abawText(video: AbawVideo, edition: AbawEdition): string {
  return `${[ABAW_CLASSES[edition].join(","), ...codesOf(video, edition)].join("\n")}\n`;
}

/** Content of the single file of later editions, in the order of the videos. @throws As {@link abawText}. */
export function abawFile(videos: readonly AbawVideo[], edition: AbawEdition): string {
  const rows = videos.flatMap((video) =>
    codesOf(video, edition).map((code, at) => `${video.video}/${String(at + 1).padStart(5, "0")}.jpg,${code}`),
  );
  return `${[`image_location,${ABAW_CLASSES[edition].join(",")}`, ...rows].join("\n")}\n`;
}

/** A code a frame. */
function codesOf({ video, frames, codes }: AbawVideo, edition: AbawEdition): number[] {
  const classes = ABAW_CLASSES[edition].length;
  const bad = (found: string, expected: string): OptionsError =>
    new OptionsError({ code: "BAD_FRAMES", subject: `video ${video}`, found, expected });
  for (const [frame, code] of codes) {
    if (!Number.isInteger(frame) || frame < 1 || frame > frames)
      throw bad(`frame ${frame}`, `a frame of 1 to ${frames}`);
    if (!Number.isInteger(code) || code < NO_FACE || code >= classes)
      throw bad(`the code ${code} of frame ${frame}`, `-1, or a code of 0 to ${classes - 1}`);
  }
  return Array.from({ length: frames }, (_, at) => codes.get(at + 1) ?? NO_FACE);
}

export interface AbawScore {
  /** Mean over the classes of the edition. */
  macroF1: number;
  accuracy: number;
  /** 2020 and 2021: 0.67 of the F1 and 0.33 of the accuracy; later the F1. */
  score: number;
  /** Frames that were scored. */
  frames: number;
  /** F1 by class, in the order of the edition. */
  f1: Record<string, number>;
}

/**
 * Scores codes by frame. Frames whose truth is -1 are not scored; one that is and was given -1 is wrong. A class that
 * neither truth nor prediction has counts with an F1 of 0, as the owner's scorer does it (scikit-learn with all labels).
 *
 * @throws OptionsError where truth and prediction are of another number of frames.
 */
export function abawScore(
  { truth, predicted }: { truth: readonly number[]; predicted: readonly number[] },
  edition: AbawEdition,
): AbawScore {
  if (truth.length !== predicted.length) {
    throw new OptionsError({
      code: "BAD_FRAMES",
      subject: "abaw",
      found: `${predicted.length} predictions`,
      expected: `${truth.length}, one a frame`,
    });
  }
  const classes = ABAW_CLASSES[edition].length;
  const scored = truth.map((_, frame) => frame).filter((frame) => truth[frame] !== NO_FACE);
  // What is said to have no face stands beside the classes.
  const column = (code: number): number => (code in ABAW_CLASSES[edition] ? code : classes);
  const codes = {
    truth: scored.map((frame) => column(truth[frame]!)),
    predicted: scored.map((frame) => column(predicted[frame]!)),
  };
  const matrix = confusionMatrix(codes, classes + 1);
  const f1 = ABAW_CLASSES[edition].map((_, code) => classMetrics(matrix, code).f1 ?? 0);
  const macroF1 = f1.reduce((sum, each) => sum + each, 0) / classes;
  const right = codes.truth.filter((code, at) => code === codes.predicted[at]).length;
  const accuracy = scored.length === 0 ? 0 : right / scored.length;
  const score = edition === 2020 ? 0.67 * macroF1 + 0.33 * accuracy : macroF1;
  const byClass = Object.fromEntries(ABAW_CLASSES[edition].map((name, code) => [name, f1[code]!]));
  return { macroF1, accuracy, score, frames: scored.length, f1: byClass };
}
