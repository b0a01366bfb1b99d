/** File names of a set: the same for whoever writes and whoever reads it. */
import { join } from "node:path";
import type { Part } from "./schema.js";

/** Path of `<name>.json`. */
export function infoFile(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

/** Name of the manifest of a set. */
export const manifestName = (name: string): string => `${name}.manifest.json`;

/** Paths of the three files of a part. */
export function partFiles(folder: string, name: string, part: Part): { images: string; labels: string; rows: string } {
  const base = join(folder, `${name}_${part}`);
  return { images: `${base}_images.npy`, labels: `${base}_labels.npy`, rows: `${base}.jsonl` };
}
