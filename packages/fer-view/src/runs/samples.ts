/** Tested images, picked out and ordered. */
import { z } from "zod";
import type { Sample, SamplesAnswer } from "../protocol.js";
import type { Tested } from "./tested-runs.js";

/** Images of a page. */
const MOST = 96;

export const SampleQuery = z.object({
  path: z.string().min(1),
  truth: z.string().optional(),
  predicted: z.string().optional(),
  /** Adapter of the dataset. */
  source: z.string().optional(),
  group: z.string().optional(),
  /** `wrong`: mistakes only. */
  which: z.enum(["all", "wrong"]).default("all"),
  /** `worst`: the truth least probable first; `sure`: the surest first. */
  order: z.enum(["worst", "sure", "file"]).default("file"),
  from: z.coerce.number().int().min(0).default(0),
  count: z.coerce.number().int().min(1).max(MOST).default(24),
});
export type SampleQuery = z.infer<typeof SampleQuery>;

export function samplesOf(tested: Tested, query: SampleQuery): SamplesAnswer {
  const { classes, truth, predicted, places, probabilities } = tested;
  const { from, count, order } = query;
  const ofTruth = (at: number): number => probabilities[at * classes.length + truth[at]!]!;
  const confidence = (at: number): number => probabilities[at * classes.length + predicted[at]!]!;
  const isAsked = (at: number): boolean =>
    (query.truth === undefined || classes[truth[at]!] === query.truth) &&
    (query.predicted === undefined || classes[predicted[at]!] === query.predicted) &&
    (query.which === "all" || truth[at] !== predicted[at]) &&
    (query.source === undefined || (places !== null && datasetOf(places[at]!.facts.source) === query.source)) &&
    (query.group === undefined || (places !== null && places[at]!.facts.group === query.group));
  const found = [...truth.keys()].filter(isAsked);
  if (order === "worst") found.sort((a, b) => ofTruth(a) - ofTruth(b) || a - b);
  if (order === "sure") found.sort((a, b) => confidence(b) - confidence(a) || a - b);
  return {
    total: found.length,
    set: tested.set,
    samples: found.slice(from, from + count).map((at) => sampleOf(tested, at)),
  };
}

/** One image. */
export function sampleOf({ classes, ids, truth, predicted, probabilities, places }: Tested, at: number): Sample {
  const place = places?.[at];
  return {
    at,
    id: ids[at]!,
    truth: classes[truth[at]!]!,
    predicted: classes[predicted[at]!]!,
    probabilities: probabilities.slice(at * classes.length, (at + 1) * classes.length),
    face: place === undefined ? null : { part: place.part, row: place.row },
    source: place?.facts.source ?? null,
    group: place?.facts.group ?? null,
    fold: place?.fold ?? null,
  };
}

/** Adapter of a dataset, by the source of an image. */
export const datasetOf = (source: string): string => source.slice(0, source.indexOf("/"));
