/** Where the labels of an edition and the crops of a track lie in an Aff-Wild2 tree. */
import { byCodeUnit } from "@fer/core";
import type { Folder } from "../../tree/folder.js";
import { fileName, folderOf, isImageName } from "../../tree/names.js";
import { headerClasses } from "../../readers/frame-labels.js";
import type { Split } from "@fer/core/image-folder";

const SPLITS: readonly (readonly [RegExp, Split])[] = [
  [/^train(ing)?_set$/i, "train"],
  [/^val(idation)?_set$/i, "val"],
];
const CROPS = /^cropped_aligned(_new_50_vids)?$/i;
const FRAME = /^(\d+)\.\w+$/;

/** Labels of one edition: its folder, and the label files of each split. */
export interface Edition {
  dir: string;
  files: { file: string; split: Split }[];
}

/**
 * Folders of label files whose header is exactly `classes`, one an edition. Found by content: `Train*_Set` and
 * `Validation_Set` with frame-label files; valence, action-unit and multi-task lists have other headers.
 */
export async function editions(folder: Folder, classes: string[]): Promise<Edition[]> {
  const found: Edition[] = [];
  const isSet = (dir: string) => SPLITS.some(([name]) => name.test(fileName(dir)));
  const parents = new Set(folder.folders.filter(isSet).map((dir) => folderOf(dir)));
  for (const dir of [...parents].sort(byCodeUnit)) {
    const files: Edition["files"] = [];
    for (const [name, split] of SPLITS) {
      const set = folder.children(dir).find((child) => name.test(child));
      if (set === undefined) continue;
      const path = dir === "" ? set : `${dir}/${set}`;
      for (const file of folder.filesIn(path)) if (/\.txt$/i.test(file)) files.push({ file: `${path}/${file}`, split });
    }
    const [first] = files;
    if (first !== undefined && headerClasses(await folder.firstLine(first.file)).join() === classes.join())
      found.push({ dir, files });
  }
  return found;
}

/** Folders of crops by track; the first root is preferred, the second fills its gaps. */
export function cropFolders(folder: Folder): Map<string, string[]> {
  const crops = new Map<string, string[]>();
  const roots = folder.findFolders((dir) => CROPS.test(fileName(dir)));
  for (const root of roots.toSorted((a, b) => fileName(a).length - fileName(b).length)) {
    for (const track of folder.children(root)) {
      if (CROPS.test(track)) continue;
      crops.set(track, [...(crops.get(track) ?? []), `${root}/${track}`]);
    }
  }
  return crops;
}

/** Crops of a track. */
export interface Crops {
  /** Frame number -> image, in order of the numbers. */
  frames: Map<number, string>;
  /** Images of a frame that the first root has already, by the image that is taken. */
  doubles: [string, string][];
}

/** The crops in the folders of a track. */
export function cropsOf(folder: Folder, dirs: readonly string[]): Crops {
  const frames = new Map<number, string>();
  const doubles: [string, string][] = [];
  for (const dir of dirs) {
    for (const file of folder.under(dir)) {
      const text = FRAME.exec(fileName(file))?.[1];
      if (text === undefined || !isImageName(file)) continue;
      const before = frames.get(Number(text));
      if (before === undefined) frames.set(Number(text), file);
      else doubles.push([file, before]);
    }
  }
  return { frames: new Map([...frames].sort(([a], [b]) => a - b)), doubles };
}
