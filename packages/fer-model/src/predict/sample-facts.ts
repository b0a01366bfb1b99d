/** What is known of tested samples beside their class: groups, datasets, and whether the model has seen a twin of them. */
import type { SeenIndex } from "@fer/core/run";
import type { SampleRow } from "@fer/core/set";
import { pictureHashes } from "../data/picture-hashes.js";
import type { Subset } from "../data/subset.js";

/** By sample. */
export interface SampleFacts {
  /** `null` where unknown. */
  groups: readonly (string | null)[];
  /** Adapters of the datasets. */
  sources: readonly string[];
  /** `null` where it is not known what the model has seen. */
  twins: {
    /** The model has seen the same pixels. */
    exact: readonly boolean[];
    /** It has seen the same, or nearly the same; `null` where the run keeps no hashes to tell. */
    near: readonly boolean[] | null;
  } | null;
}

interface Lookup {
  /** What the set says of the samples, in their order. */
  rows: readonly SampleRow[];
  /** What the model has seen; `null` where that is not known. */
  index: SeenIndex | null;
  signal?: AbortSignal | undefined;
}

/** Looks samples up. */
export async function factsOf(samples: Subset, { rows, index, signal }: Lookup): Promise<SampleFacts> {
  const known = {
    groups: rows.map(({ group }) => group),
    sources: rows.map(({ source }) => source.slice(0, source.indexOf("/"))),
  };
  if (index === null) return { ...known, twins: null };
  const exact = rows.map(({ pixel_hash }) => index.hasPixels(pixel_hash));
  const { hasNear } = index;
  if (hasNear === null) return { ...known, twins: { exact, near: null } };
  const hashes = await pictureHashes(samples, signal);
  return { ...known, twins: { exact, near: exact.map((isTwin, at) => isTwin || hasNear(hashes[at]!)) } };
}

/** Those of several lists of samples, one after another. */
export function joinFacts(facts: readonly SampleFacts[]): SampleFacts {
  const twins = facts.flatMap((each) => each.twins ?? []);
  const near = twins.flatMap((each) => (each.near === null ? [] : [each.near]));
  return {
    groups: facts.flatMap((each) => each.groups),
    sources: facts.flatMap((each) => each.sources),
    twins:
      twins.length < facts.length
        ? null
        : {
            exact: twins.flatMap((each) => each.exact),
            near: near.length < twins.length ? null : near.flat(),
          },
  };
}
