/**
 * Runs of one configuration that differ in their seed alone: `<folder>/seed-<n>/`, a run each, and beside them
 * `seeds.json`, which is made of their files and can be made again at any time.
 */
import { z } from "zod";
import { byMetric, Scores, Spread } from "./metrics.js";
import { Metrics } from "./schema.js";

/** Name of the summary. */
export const SEEDS_FILE = "seeds.json";

/** Name of a run's folder: `seed-3`. */
export const seedFolder = (seed: number): string => `seed-${seed}`;

/** Seeds of the runs among the entries of a folder, ascending. */
export const seedsAmong = (entries: readonly string[]): number[] =>
  entries
    .flatMap((entry) => /^seed-(\d+)$/.exec(entry)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** Scores and mean loss of one classifier. */
const Scored = Scores.extend({ loss: z.number() });

/** `seeds.json`. */
export const SeedsSummary = z.object({
  schema: z.literal(1),
  /** As they were asked for. */
  seeds: z.array(z.number().int()),
  /** What all of them were tested on, and how that went; `null` for a set without a test part. */
  tested: z
    .object({
      ...Metrics.pick({ set: true, part: true, count: true }).shape,
      /** One row a seed. */
      rows: z.array(Scored.extend({ seed: z.number().int(), weights: Metrics.shape.weights })),
      /** Over the rows: mean, and sample standard deviation, 0 of one seed. */
      spread: z.object(byMetric(() => Spread)),
      /** Of the mean of all seeds' probabilities. */
      ensemble: Scored,
    })
    .nullable(),
});
export type SeedsSummary = z.infer<typeof SeedsSummary>;
