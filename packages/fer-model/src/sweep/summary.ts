/** `sweep.json`: what was asked for, and what each trial came to. */
import { z } from "zod";
import { MONITORS } from "../train/monitor.js";
import { SweepSpace } from "./space.js";

/** Name of the file. */
export const SWEEP_FILE = "sweep.json";

export const STRATEGIES = ["random", "halving"] as const;

/** A training of a trial. */
const SweepRow = z.object({
  trial: z.number().int().positive(),
  /** That it was given. */
  epochs: z.number().int().positive(),
  /** Of its run, in the folder of the sweep. */
  folder: z.string(),
  drawn: z.record(z.string(), z.unknown()),
  /** Best value of the monitor, and its epoch; `null` where training failed. */
  score: z.number().nullable(),
  bestEpoch: z.number().int().nullable(),
  /** Why it failed. */
  problem: z.string().nullable(),
});
export type SweepRow = z.infer<typeof SweepRow>;

export const SweepSummary = z.object({
  schema: z.literal(1),
  set: z.object({ name: z.string(), fingerprint: z.string() }),
  /** What decides the trials: a folder with another one is not gone on with. */
  asked: z.object({
    space: SweepSpace,
    trials: z.number().int(),
    strategy: z.enum(STRATEGIES),
    drawSeed: z.number().int(),
    train: z.record(z.string(), z.unknown()),
  }),
  /** Column of the history that ranks the trials. */
  monitor: z.enum(MONITORS),
  /** In the order in which they were trained. */
  rows: z.array(SweepRow),
  /** Folder of the best run of the full length; `null` before one is there. */
  best: z.string().nullable(),
});
export type SweepSummary = z.infer<typeof SweepSummary>;
