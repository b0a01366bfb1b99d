/** The owner's annotations of an original RAF-DB picture: one small text file a kind. */
import type { Folder } from "../../tree/folder.js";
import { decimal } from "../../files/cells.js";
import type { Box } from "@fer/core/image-folder";

/** Points in `manual/<stem>_manu_attri.txt`: left eye, right eye, nose tip, mouth corners. */
const POINTS = 5;

/** `boundingbox/<stem>_boundingbox.txt`: `xmin ymin xmax ymax`, pixels of the original, fractional; or what is wrong with it. */
export async function readBox(folder: Folder, name: string): Promise<Box | string> {
  const { path: file, problem } = folder.find(`Annotation/boundingbox/${name}_boundingbox.txt`);
  if (file === undefined) return problem;
  const numbers = (await folder.text(file)).trim().split(/\s+/).map(decimal);
  const [x, y, right, bottom] = numbers;
  if (numbers.length !== 4 || x === undefined || y === undefined || right === undefined || bottom === undefined) {
    return `${file} does not hold four numbers`;
  }
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : `${file} holds an empty box`;
}

/** The five points of the manual annotation, the eye on the left of the picture first; `null` where there are none. */
export async function readLandmarks(folder: Folder, name: string): Promise<[number, number][] | null> {
  const { path: file } = folder.find(`Annotation/manual/${name}_manu_attri.txt`);
  if (file === undefined) return null;
  const lines = (await folder.text(file)).trim().split(/\r?\n/).slice(0, POINTS);
  const points = lines.flatMap((line): [number, number][] => {
    const [x, y, ...rest] = line.trim().split(/\s+/).map(decimal);
    return x === undefined || y === undefined || rest.length > 0 ? [] : [[x, y]];
  });
  if (points.length !== POINTS) return null;
  const [a, b, ...others] = points as [[number, number], [number, number], ...[number, number][]];
  return a[0] <= b[0] ? [a, b, ...others] : [b, a, ...others];
}
