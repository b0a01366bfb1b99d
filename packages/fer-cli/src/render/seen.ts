/** What was seen in pictures, as a table, CSV and JSON: a row a face, and one of each picture without. */
import { csvCell } from "@fer/core";
import type { Prediction } from "@fer/model";
import type { Seen } from "../images/look-at-pictures.js";
import { type Cell, percent, table } from "../output/table.js";

const DOUBTS = { blank: "blank", noise: "noise", "no-face": "not a face?" } as const;

/** One line a face: its expression, how sure the model is, the next likely one, where it is and what speaks against it. */
export function rowsTable(seen: readonly Seen[]): string {
  const rows = seen.flatMap((each): Cell[][] => {
    const { file } = each;
    if ("problem" in each) return [[file, null, null, null, each.problem]];
    if (!("faces" in each)) return [[file, ...said(each), doubtOf(each)]];
    if (each.faces.length === 0) return [[file, null, null, null, "no face"]];
    return each.faces.map((face) => {
      const { x, y, width, height } = face.box;
      const place = `${Math.round(width)} x ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
      return [file, ...said(face), [place, doubtOf(face)].filter((part) => part !== "").join("; ")];
    });
  });
  return table(["picture", "expression", "sure", "next", "note"], rows);
}

function said({ expression, confidence, probabilities }: Prediction): Cell[] {
  const [name, share] = Object.entries(probabilities)
    .filter(([other]) => other !== expression)
    .sort(([, a], [, b]) => b - a)[0]!;
  return [expression, percent(confidence), `${name} ${percent(share)}`];
}

const doubtOf = ({ doubt }: Prediction): string => (doubt === null ? "" : DOUBTS[doubt]);

/** `faces: 0` of a photo in which none was found. */
export const jsonRows = (seen: Seen): object[] => {
  if (!("faces" in seen)) return [seen];
  const { file, faces } = seen;
  return faces.length === 0 ? [{ file, faces: 0 }] : faces.map((face) => Object.assign({ file }, face));
};

const PLACE = ["x", "y", "width", "height", "score"] as const;

export const csvHeader = (classes: readonly string[]): string =>
  ["file", "face", ...PLACE, "expression", "confidence", ...classes, "doubt", "problem"].map(csvCell).join(",");

/** `face` counts the faces of a photo from 1; it is 0 where there is none, and empty of a face that was cut out. */
export function csvRows(seen: Seen, classes: readonly string[]): string[] {
  const row = (cells: readonly (string | number)[]): string => cells.map(csvCell).join(",");
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
    return row([seen.file, i + 1, x, y, width, height, face.score, ...values(face)]);
  });
}
