/** Pictures that several datasets of a merge have, such as FER2013 and FER+, whose images are the same. */
import { datasetOf } from "./policies/selector.js";

/** How many pictures (same pixels) two datasets have in common. */
export interface SharedPictures {
  datasets: [string, string];
  pictures: number;
  /** Those of the two that have no other pictures: the other one holds all of it. Absent where there is none. */
  allOf?: string[];
}

/** Pairs of datasets with pictures in common, by name. */
export function sharedPictures(samples: readonly { key: string; pixelHash: string }[]): SharedPictures[] {
  const owners = new Map<string, string[]>();
  for (const sample of samples) {
    const name = datasetOf(sample);
    const known = owners.get(sample.pixelHash);
    if (known === undefined) owners.set(sample.pixelHash, [name]);
    else if (!known.includes(name)) known.push(name);
  }
  const pairs = new Map<string, SharedPictures>();
  const sizes = new Map<string, number>();
  for (const names of owners.values()) {
    names.sort();
    for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
    for (const [i, first] of names.entries())
      for (const second of names.slice(i + 1)) {
        const pair = pairs.get(`${first} ${second}`) ?? { datasets: [first, second], pictures: 0 };
        pair.pictures += 1;
        pairs.set(`${first} ${second}`, pair);
      }
  }
  return [...pairs.keys()].sort().map((key) => {
    const pair = pairs.get(key)!;
    const allOf = pair.datasets.filter((name) => sizes.get(name) === pair.pictures);
    return allOf.length === 0 ? pair : Object.assign(pair, { allOf });
  });
}
