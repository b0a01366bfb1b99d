/**
 * Face boxes in the columns of a list, which people name in many ways: position and size, or two corners. A column that
 * looks like one of a box is used or refused, never passed over: without its box, a whole photo would count as a face.
 */
import { DatasetError } from "@fer/core";
import type { Box } from "@fer/core/image-folder";
import { decimal } from "../files/cells.js";
import { boxAs, type BoxKind, type WrittenBox } from "./box-fit.js";

/** Four columns, or one with four numbers, and what they hold. */
export interface BoxColumns {
  kind: BoxKind;
  names: readonly string[];
}

/** Names in order, as {@link keyOf} leaves them. Corners first: a list with corners may give the width as well. */
const KNOWN: readonly (readonly [BoxKind, string])[] = [
  ["corners", "x1 y1 x2 y2"],
  ["corners", "x0 y0 x1 y1"],
  ["corners", "xmin ymin xmax ymax"],
  ["corners", "minx miny maxx maxy"],
  ["corners", "left top right bottom"],
  ["corners", "xtl ytl xbr ybr"],
  ["corners", "tlx tly brx bry"],
  ["corners", "xleft ytop xright ybottom"],
  ["corners", "leftx topy rightx bottomy"],
  ["corners", "startx starty endx endy"],
  ["corners", "xstart ystart xend yend"],
  ["corners", "topleftx toplefty bottomrightx bottomrighty"],
  ["corners", "upperleftx upperlefty lowerrightx lowerrighty"],
  ["corners", "mincol minrow maxcol maxrow"],
  ["corners", "x y x2 y2"],
  ["size", "x y width height"],
  ["size", "x y w h"],
  ["size", "x1 y1 width height"],
  ["size", "x1 y1 w h"],
  ["size", "xmin ymin width height"],
  ["size", "xmin ymin w h"],
  ["size", "left top width height"],
  ["size", "left top w h"],
  ["size", "xtl ytl w h"],
  ["size", "topleftx toplefty width height"],
  ["size", "topleftx toplefty w h"],
];
/** Columns that nothing but a box has; `width` and `height` alone are those of the picture. */
const SUSPECT =
  /^([xy]\d?|left|top|right|bottom|(x|y)(min|max|tl|br|c|ctr|center|centre|start|end|left|right|top|bottom)|(min|max|c|ctr|center|centre|start|end|left|right|top|bottom|tl|br|(upper|top|lower|bottom)(left|right))[xy]|(min|max)(row|col)|(face|head|bounding|crop)?b?box(es)?\d?|rect(angle)?|roi|bounds|bounding|coord(inate)?s)$/;

/** A column name without case, separators and what it may begin with: `bbox_x1` and `Face X1` are `x1`. */
function keyOf(name: string): string {
  const key = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  if (SUSPECT.test(key)) return key;
  const plain = key.replace(/^((face|head|bounding|crop)*(bbox|box|face|head|rect|roi|crop|bb))(?=[a-z])/, "");
  return plain === "" ? key : plain;
}

/**
 * The columns of the box of a list, or `null` where it has none.
 *
 * @param columns All columns but those that have another meaning.
 * @param option `none`, or `size:a,b,c,d` or `corners:a,b,c,d` (or one column); `null` goes by the names.
 * @throws DatasetError for columns that look like those of a box and cannot be told.
 */
export function boxColumns(
  { file, columns }: { file: string; columns: readonly string[] },
  option: string | null,
): BoxColumns | null {
  if (option === "none") return null;
  if (option !== null) return stated({ file, columns }, option);
  const byKey = new Map(columns.map((name) => [keyOf(name), name]));
  for (const [kind, keys] of KNOWN) {
    const names = keys.split(" ").map((key) => byKey.get(key));
    if (names.every((name) => name !== undefined)) return { kind, names: names as string[] };
  }
  const suspects = columns.filter((name) => SUSPECT.test(keyOf(name)));
  if (suspects.length === 0) return null;
  throw new DatasetError({
    code: "UNKNOWN_BOX",
    subject: file,
    found: `${suspects.map((name) => `"${name}"`).join(", ")} ${suspects.length === 1 ? "looks" : "look"} like a face box, but it is not clear which number is which`,
    expected: "x, y, width, height, or x1, y1, x2, y2 (or xmin, ymin, xmax, ymax; left, top, right, bottom)",
    fix: "Name them with --box size:<x>,<y>,<width>,<height> or --box corners:<left>,<top>,<right>,<bottom>; a column that holds all four with --box size:<column> or --box corners:<column>; --box none if they are not a box",
    context: { columns },
  });
}

function stated({ file, columns }: { file: string; columns: readonly string[] }, option: string): BoxColumns {
  const [kind, list = ""] = option.split(":", 2);
  const names = list.split(",").map((name) => name.trim());
  const plain = new Map(columns.map((name) => [name.trim().toLowerCase(), name]));
  const missing = names.filter((name) => !plain.has(name.toLowerCase()));
  if (missing.length === 0)
    return { kind: kind as BoxKind, names: names.map((name) => plain.get(name.toLowerCase())!) };
  throw new DatasetError({
    code: "UNKNOWN_BOX",
    subject: file,
    found: `it has no column ${missing.map((name) => `"${name}"`).join(", ")}`,
    expected: `the columns of --box among ${columns.join(", ")}`,
    fix: "Correct --box",
  });
}

/** The box in four cells, or in one with four numbers: `null` where all are empty, else what is wrong with it. */
export function boxOf(cells: readonly string[], kind: BoxKind): Box | null | string {
  if (cells.every((cell) => cell === "")) return null;
  const numbers = boxNumbers(cells);
  if (numbers === undefined) return `box "${cells.join(" ")}" is not four numbers`;
  const box = boxAs(kind, numbers);
  return box.width > 0 && box.height > 0 ? box : `box of ${box.width} x ${box.height} is empty`;
}

/** The four numbers of a box, in a cell each or in one. */
export function boxNumbers(cells: readonly string[]): WrittenBox["numbers"] | undefined {
  const parts = cells.length === 1 ? cells[0]!.split(/[\s,;()[\]]+/).filter((cell) => cell !== "") : cells;
  const numbers = parts.map(decimal);
  return numbers.length === 4 && !numbers.includes(undefined)
    ? (numbers as unknown as WrittenBox["numbers"])
    : undefined;
}
