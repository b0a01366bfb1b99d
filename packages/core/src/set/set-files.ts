/** File names of a set: the same for whoever writes and whoever reads it. */
import { basename, join } from "node:path";
import { FOLD_PARTS, type FoldPartName, type Part, PARTS, type SetInfo, type Target } from "./schema.js";

/** Where a set is: its files are in `folder`, and their names begin with `name`. */
interface SetPlace {
  folder: string;
  name: string;
}

/** Path of `<name>.json`. */
export function infoFile({ folder, name }: SetPlace): string {
  return join(folder, `${name}.json`);
}

/** Name of the manifest of a set. */
export const manifestName = (name: string): string => `${name}.manifest.json`;

/** Paths of the three files of a part. */
export function partFiles({ folder, name }: SetPlace, part: Part): { images: string; labels: string; rows: string } {
  const base = join(folder, `${name}_${part}`);
  return { images: `${base}_images.npy`, labels: `${base}_labels.npy`, rows: `${base}.jsonl` };
}

/** Path of an array of a part beside images and labels. */
export function targetFile({ folder, name }: SetPlace, { part, target }: { part: Part; target: Target }): string {
  return join(folder, `${name}_${part}_${target}.npy`);
}

/** Path of the rows that a fold (counted from 1) has in one of its parts. */
export function foldFile({ folder, name }: SetPlace, { fold, part }: { fold: number; part: FoldPartName }): string {
  return join(folder, `${name}_${foldName(fold)}_${part}.npy`);
}

const foldName = (fold: number): string => `fold-${String(fold).padStart(2, "0")}`;

/** Path of the rows of train, or of a fold's (counted from 1), in which classes are equally often. */
export function oversampledFile({ folder, name }: SetPlace, fold: number | null): string {
  const of = fold === null ? "" : `${foldName(fold)}_`;
  return join(folder, `${name}_${of}train_oversampled.npy`);
}

/** Path of the list of training samples that were taken out. */
export const droppedFile = ({ folder, name }: SetPlace): string => join(folder, `${name}_dropped.jsonl`);

/** Names of all files of a set but its descriptions, in the order in which they are fingerprinted. */
export function setFiles({
  name,
  parts,
  folds = [],
  thinned,
  oversampled,
  targets = [],
}: Pick<SetInfo, "name" | "parts" | "folds" | "thinned" | "oversampled" | "targets">): string[] {
  const place = { folder: "", name };
  const arrays = PARTS.filter((part) => parts[part] !== undefined).flatMap((part) => {
    const { images, labels, rows } = partFiles(place, part);
    return [images, labels, rows];
  });
  const rows = folds.flatMap((fold, index) =>
    FOLD_PARTS.filter((part) => fold[part] !== null).map((part) => foldFile(place, { fold: index + 1, part })),
  );
  const lists = thinned === undefined ? [] : [droppedFile(place)];
  const known = PARTS.filter((part) => parts[part] !== undefined);
  const more = known.flatMap((part) => targets.map((target) => targetFile(place, { part, target })));
  const again = [
    ...(oversampled === undefined ? [] : [oversampledFile(place, null)]),
    ...folds.flatMap((fold, index) => (fold.oversampled === undefined ? [] : [oversampledFile(place, index + 1)])),
  ];
  return [...arrays, ...rows, ...lists, ...more, ...again].map((path) => basename(path));
}
