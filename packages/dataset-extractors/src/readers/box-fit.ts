/**
 * Whether boxes are what their columns are called. Columns `x, y, width, height` that hold two corners, and the other way
 * round, give boxes that leave their pictures, or are empty, in row after row, and fit when read the other way.
 */
import { DatasetError } from "@fer/core";
import type { Box } from "@fer/core/image-folder";
import type { Folder } from "../tree/folder.js";
import { HEAD, pictureHeader } from "./picture-sizes.js";

/** Rows that are looked at, and how many of them there must be. */
const LOOKED_AT = 64;
const FEWEST = 4;
/** Part of the rows that do not fit from which on the other reading is tried, and part that it must fit. */
const SOME = 0.25;
const NEARLY_ALL = 0.95;

/** What four numbers are: x, y, width, height (`size`), or left, top, right, bottom (`corners`). */
export type BoxKind = "size" | "corners";

/** A box by its four numbers as written, and the picture that it lies in. */
export interface WrittenBox {
  picture: string;
  numbers: readonly [number, number, number, number];
}

/** What is checked. */
export interface BoxFit {
  /** The list, for the message. */
  file: string;
  kind: BoxKind;
  boxes: AsyncIterable<WrittenBox>;
  /** What the user can do. */
  fix: string;
}

/** @throws DatasetError where the boxes fit into their pictures only if they are read the other way. */
export async function checkBoxFit(folder: Folder, { file, kind, boxes, fix }: BoxFit): Promise<void> {
  const other = kind === "size" ? "corners" : "size";
  const counts = { looked: 0, wrong: 0, other: 0 };
  let example: WrittenBox | undefined;
  for await (const box of boxes) {
    const header = await pictureHeader(folder, { file: box.picture, bytes: HEAD });
    if (typeof header === "string") continue;
    const { width, height, orientation } = header;
    const picture = orientation >= 5 ? { width: height, height: width } : { width, height };
    counts.looked += 1;
    if (!fits(boxAs(kind, box.numbers), picture)) {
      counts.wrong += 1;
      example ??= box;
    }
    if (fits(boxAs(other, box.numbers), picture)) counts.other += 1;
    if (counts.looked === LOOKED_AT) break;
  }
  if (counts.looked < FEWEST || counts.wrong < SOME * counts.looked || counts.other < NEARLY_ALL * counts.looked)
    return;
  const names = { size: "x, y, width, height", corners: "left, top, right, bottom" };
  throw new DatasetError({
    code: "OTHER_BOX",
    subject: file,
    found: `${counts.wrong} of ${counts.looked} boxes leave their picture or are empty as ${names[kind]}, the first being ${example!.numbers.join(" ")} of "${example!.picture}", and ${counts.other} fit as ${names[other]}`,
    expected: `boxes of ${names[kind]}`,
    fix,
    context: counts,
  });
}

/** A box out of four numbers. */
export function boxAs(kind: BoxKind, [x, y, third, fourth]: WrittenBox["numbers"]): Box {
  return kind === "size" ? { x, y, width: third, height: fourth } : { x, y, width: third - x, height: fourth - y };
}

/** Whether a box has a size and lies in the picture, by all but a tenth of itself (boxes leave pictures at their edge). */
function fits({ x, y, width, height }: Box, picture: { width: number; height: number }): boolean {
  const [right, bottom] = [picture.width + width / 10, picture.height + height / 10];
  return width > 0 && height > 0 && x + width <= right && y + height <= bottom;
}
