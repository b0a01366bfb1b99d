/** Pictures that stand in train and in val or test as well, for the page of a set: the pictures themselves. */
import { encodePng, type DecoderName, type ImageSettings } from "@fer/dataset-extractors/image";
import { EXPRESSIONS } from "@fer/core";
import { prepareImages } from "../image/prepare-images.js";
import { leakedTraining } from "../leaked-training.js";
import type { MergedSample } from "../merge/merge.js";
import { pixelsOf, type Split } from "../split.js";

/** One of two twins. */
export interface TwinPicture {
  /** PNG in the size of the set. */
  png: Buffer;
  source: string;
  expression: string;
}

export interface TwinPair {
  kind: "exact" | "near";
  train: TwinPicture;
  heldOut: TwinPicture;
}

interface Twins {
  kind: TwinPair["kind"];
  sample: MergedSample;
  twin: MergedSample;
}

/** Pairs that were taken out of train, or that stand in it; near ones first, for they want to be looked at. */
export function twinsOf({ partsOf, folds, dropped, ...split }: Split): Twins[] {
  const found = dropped ?? sidesOf({ partsOf, folds }).flatMap((sides) => pairsOf(split, sides));
  const once = new Map(found.map((pair) => [`${pair.sample.key}\n${pair.twin.key}`, pair]));
  const pairs = [...once.values()];
  return [...pairs.filter(({ kind }) => kind === "near"), ...pairs.filter(({ kind }) => kind === "exact")];
}

interface Sides {
  train: Iterable<number>;
  heldOut: Iterable<number>;
}

function sidesOf({ partsOf, folds }: Pick<Split, "partsOf" | "folds">): Sides[] {
  if (folds !== null) return folds.map(({ rows }) => ({ train: rows.train, heldOut: [...rows.val, ...rows.test] }));
  const of = (...names: string[]): number[] =>
    partsOf.flatMap((parts, i) => (parts.some((part) => names.includes(part)) ? [i] : []));
  return [{ train: of("train"), heldOut: of("val", "test") }];
}

const pairsOf = ({ samples, photos }: Pick<Split, "samples" | "photos">, sides: Sides): Twins[] =>
  leakedTraining({ pixels: pixelsOf(samples), photos }, sides).map(({ sample, twin, kind }) => ({
    kind,
    sample: samples.at(sample)!,
    twin: samples.at(twin)!,
  }));

/** The pictures of pairs, as the set has them. */
export async function picturesOf(
  pairs: readonly Twins[],
  { settings, signal }: { settings: ImageSettings & { decoder: DecoderName }; signal?: AbortSignal | undefined },
): Promise<TwinPair[]> {
  const samples = pairs.flatMap(({ sample, twin }) => [sample, twin]);
  const { size, channels } = settings;
  const pictures: TwinPicture[] = [];
  for await (const row of prepareImages(samples, { settings, workers: 1, signal })) {
    const { key: source, label } = samples[pictures.length]!;
    const png = encodePng({ width: size, height: size, channels, data: row.slice() });
    pictures.push({ png: Buffer.from(png), source, expression: EXPRESSIONS[label]! });
  }
  return pairs.map(({ kind }, i) => ({ kind, train: pictures[2 * i]!, heldOut: pictures[2 * i + 1]! }));
}
