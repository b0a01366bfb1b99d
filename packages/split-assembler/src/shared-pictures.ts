/** Pictures that several datasets of a merge have, such as FER2013 and FER+, whose images are the same. */
import { NumberMap } from "@fer/core";
import type { MergedSample } from "./merge/merge.js";
import { distinctOf, type Items } from "./policies/split-item.js";

/** How many pictures (same pixels) two datasets have in common. */
export interface SharedPictures {
  datasets: [string, string];
  pictures: number;
  /** Those of the two that have no other pictures: the other one holds all of it. Absent where there is none. */
  allOf?: string[];
}

/** Pairs of datasets with pictures in common, by name. */
export function sharedPictures(samples: Items<Pick<MergedSample, "dataset" | "pixels">>): SharedPictures[] {
  const names = [...distinctOf(samples, ({ dataset }) => dataset)].sort();
  if (names.length < 2) return [];
  const owned = new Map(names.map((name) => [name, new NumberMap()]));
  const sizes = new Map(names.map((name) => [name, 0]));
  const pictures = new NumberMap();
  const distinct: number[] = [];
  for (const { dataset, pixels } of samples) {
    if (pictures.get(pixels) === 0) distinct.push(pixels);
    pictures.set(pixels, 1);
    const has = owned.get(dataset)!;
    if (has.get(pixels) === 1) continue;
    has.set(pixels, 1);
    sizes.set(dataset, sizes.get(dataset)! + 1);
  }
  return names.flatMap((first, i) =>
    names.slice(i + 1).flatMap((second): SharedPictures[] => {
      const [a, b] = [owned.get(first)!, owned.get(second)!];
      const shared = distinct.reduce((sum, pixels) => sum + (a.get(pixels) & b.get(pixels)), 0);
      if (shared === 0) return [];
      const allOf = [first, second].filter((name) => sizes.get(name) === shared);
      return [{ datasets: [first, second], pictures: shared, ...(allOf.length === 0 ? {} : { allOf }) }];
    }),
  );
}
