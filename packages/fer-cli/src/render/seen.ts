/**
 * What was seen in pictures and videos, as a table, CSV and JSON: a row a face, and one of each picture or frame without. Of a
 * video the table has a row for each face that was followed, since frames are many.
 */
import { csvCell } from "@fer/core";
import type { Prediction } from "@fer/model";
import type { Seen } from "../images/look-at-pictures.js";
import { type Cell, percent, table } from "../output/table.js";
import type { VideoStory } from "../video/look-at-video.js";

const DOUBTS = { blank: "blank", noise: "noise", "no-face": "not a face?" } as const;

/** One line a face: its expression, how sure the model is, the next likely one, where it is and what speaks against it. */
export function rowsTable(seen: readonly Seen[]): string {
  const rows = seen.flatMap((each): Cell[][] => {
    const { file } = each;
    if ("frame" in each) return [];
    if ("problem" in each) return [[file, null, null, null, each.problem]];
    const first = each.firstOf === undefined ? [] : [`first of ${each.firstOf} frames`];
    const note = (...parts: string[]): string => [...parts, ...first].filter((part) => part !== "").join("; ");
    if (!("faces" in each)) return [[file, ...said(each), note(doubtOf(each))]];
    if (each.faces.length === 0) return [[file, null, null, null, note("no face")]];
    return each.faces.map((face) => {
      const { x, y, width, height } = face.box;
      const place = `${Math.round(width)} x ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
      return [file, ...said(face), note(place, doubtOf(face))];
    });
  });
  return rows.length === 0 ? "" : table(["picture", "expression", "sure", "next", "note"], rows);
}

/** Faces of a video that are shown. */
const MOST_FACES = 20;

/** One line a face that was followed: what it showed on the mean, how much of it, and when. */
export function storyTable({ file, timeline, frames, empty, from, to }: VideoStory): string {
  const all = timeline.faces();
  const rows = all.slice(0, MOST_FACES).map((face): Cell[] => {
    const [first, second] = Object.entries(face.probabilities).toSorted(([, a], [, b]) => b - a);
    const span = `${face.from.toFixed(2)} to ${face.to.toFixed(2)} s, ${face.frames} frames`;
    return [`${file} face ${face.track}`, first![0], percent(first![1]), `${second![0]} ${percent(second![1])}`, span];
  });
  const more =
    all.length > rows.length ? `; ${all.length - rows.length} faces that were seen more shortly are left out` : "";
  const without = `${from.toFixed(2)} to ${to.toFixed(2)} s, ${empty} of ${frames} frames without a face${more}`;
  return table(["video", "expression", "mean", "next", "note"], [...rows, [file, null, null, null, without]]);
}

function said({ expression, confidence, probabilities }: Prediction): Cell[] {
  const [name, share] = Object.entries(probabilities)
    .filter(([other]) => other !== expression)
    .sort(([, a], [, b]) => b - a)[0]!;
  return [expression, percent(confidence), `${name} ${percent(share)}`];
}

const doubtOf = ({ doubt }: Prediction): string => (doubt === null ? "" : DOUBTS[doubt]);

/** `faces: 0` of a photo or a frame in which none was found. */
export const jsonRows = (seen: Seen): object[] => {
  if (!("faces" in seen)) return [seen];
  const { faces, ...where } = seen;
  return faces.length === 0 ? [{ ...where, faces: 0 }] : faces.map((face) => Object.assign({}, where, face));
};

const PLACE = ["x", "y", "width", "height", "score"] as const;
/** Columns of videos, which stand behind the name of the file. */
const MOMENT = ["time", "frame", "track"] as const;

export interface CsvSettings {
  classes: readonly string[];
  /** Whether there are videos among the files. */
  hasVideos: boolean;
}

export const csvHeader = ({ classes, hasVideos }: CsvSettings): string =>
  ["file", ...(hasVideos ? MOMENT : []), "face", ...PLACE, "expression", "confidence", ...classes, "doubt", "problem"]
    .map(csvCell)
    .join(",");

/**
 * `face` counts the faces of a photo or frame from 1; it is 0 where there is none, and empty of a face that was cut out.
 * `time` (seconds), `frame` and `track` are empty of pictures.
 */
export function csvRows(seen: Seen, { classes, hasVideos }: CsvSettings): string[] {
  const row = ([file, ...cells]: readonly (string | number)[], track: string | number = ""): string => {
    const moment = "frame" in seen ? [seen.time, seen.frame, track] : ["", "", ""];
    return [file!, ...(hasVideos ? moment : []), ...cells].map(csvCell).join(",");
  };
  const empty = (count: number): string[] => Array.from({ length: count }, () => "");
  const values = (of: Prediction): (string | number)[] => [
    of.expression,
    of.confidence,
    ...classes.map((name) => of.probabilities[name]!),
    of.doubt ?? "",
    "",
  ];
  if ("problem" in seen) return [row([seen.file, ...empty(PLACE.length + classes.length + 4), seen.problem])];
  if (!("faces" in seen)) return [row([seen.file, ...empty(PLACE.length + 1), ...values(seen)])];
  if (seen.faces.length === 0) return [row([seen.file, 0, ...empty(PLACE.length + classes.length + 4)])];
  return seen.faces.map((face, i) => {
    const { x, y, width, height } = face.box;
    const track = "track" in face ? (face.track as number) : "";
    return row([seen.file, i + 1, x, y, width, height, face.score, ...values(face)], track);
  });
}
