/** `fer mislabelled <set>`: a table of the samples whose label looks wrong, for a person to look through. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { csvCell, formatCount, OptionsError, writeAtomic } from "@fer/core";
import { type AssembledSet, openSet } from "@fer/core/set";
import {
  ARCHITECTURES,
  ENGINES,
  FerTrainer,
  findMislabelled,
  foldPredictions,
  MISLABELLED_ODDS,
  openRun,
  type Run,
} from "@fer/model";
import { z } from "zod";
import { type CommandContext, defineCommand } from "../command.js";
import { table } from "../output/table.js";

export const MislabelledOptions = z.strictObject({
  set: z.string().describe("Set of folds that fer assemble wrote, as <folder>/<name>"),
  to: z.string().min(1).describe("Table to write (.csv); fer assemble --exclude reads it"),
  run: z
    .string()
    .optional()
    .describe("Run of its folds that fer train wrote; without it a quick network is trained on each fold"),
  architecture: z.enum(ARCHITECTURES).default("mini-xception").describe("The quick network"),
  epochs: z.number().int().min(1).default(12).describe("Passes of the quick network over the training part"),
  seed: z.number().int().min(0).max(4_294_967_295).default(0).describe("Seed of the quick network"),
  engine: z
    .enum(["auto", ...ENGINES])
    .default("auto")
    .describe("What trains the quick network"),
  order: z
    .enum(["confidence", "margin"])
    .default("confidence")
    .describe("First come labels of the lowest probability, or those that another class is most ahead of"),
  odds: z
    .number()
    .min(1)
    .default(MISLABELLED_ODDS)
    .describe(
      "How many times as probable as the label another class must be; lower ones flag more, of which fewer are right: 1 is plain confident learning",
    ),
  verdict: z
    .enum(["keep", "exclude"])
    .default("keep")
    .describe("Verdict that the table gives each sample, until you change it"),
});

/** How the quick network is trained: as `bench/mislabelled.mjs` measures it. */
const QUICK = { recipe: "none", batchSize: 64, learningRate: 0.003, baselines: false } as const;

/** Samples that are shown. */
const SHOWN = 20;

export default defineCommand({
  options: MislabelledOptions,
  positionals: ["set"],
  paths: ["set", "to", "run"],
  details:
    "Each sample is judged by a network that was not trained on it (confident learning, Northcutt et al. 2021). Some labels in the table are right: look them through, write exclude where the label is wrong, then fer assemble --exclude <table>.",
  examples: [
    "fer mislabelled features/mix-5 --to verdicts.csv",
    "fer mislabelled features/mix-5 --run runs/mix-5 --to verdicts.csv --order margin",
  ],
  kept: () => "No table was written.",
  target: ({ to }) => to,
  async run({ set: path, to, order, odds, verdict, ...options }, context) {
    const set = await openSet(path);
    try {
      refuseParts(set);
      const predictions = await withRun({ set, ...options }, { context, use: (run) => foldPredictions(run, set) });
      const { classes } = set.info;
      const found = findMislabelled(predictions, { by: order, odds }).map(
        ({ sample, given, suggested, confidence, margin }) => {
          const { id, source } = predictions.samples[sample]!;
          return { id, source, given: classes[given]!, suggested: classes[suggested]!, confidence, margin };
        },
      );
      const rows = found.map(({ source, given, suggested, confidence, margin }) =>
        [csvCell(source), verdict, given, suggested, confidence.toFixed(6), margin.toFixed(6)].join(","),
      );
      await writeAtomic(to, `${["sample,verdict,given,suggested,confidence,margin", ...rows].join("\n")}\n`);
      const shown = found
        .slice(0, SHOWN)
        .map(({ source, given, suggested, confidence }) => [source, given, suggested, confidence.toFixed(3)]);
      const lines = [
        `${formatCount(found.length)} of ${formatCount(predictions.samples.length)} labels look wrong; wrote ${to}`,
        ...(shown.length === 0
          ? []
          : ["", table(["sample", "label", "looks like", "probability of the label"], shown)]),
      ];
      const json = { set: set.name, samples: predictions.samples.length, found, table: to };
      return { text: lines.join("\n"), json };
    } finally {
      set.close();
    }
  },
});

interface Training {
  set: AssembledSet;
  run?: string | undefined;
  architecture: (typeof ARCHITECTURES)[number];
  epochs: number;
  seed: number;
  engine: "auto" | (typeof ENGINES)[number];
}

/** Uses a run of the folds: the one that is named, or one that is trained for this and then removed. */
async function withRun<T>(
  { set, run, ...options }: Training,
  { context, use }: { context: Pick<CommandContext, "hooks">; use: (run: Run) => Promise<T> },
): Promise<T> {
  if (run !== undefined) return use(await openRun(run));
  const folder = await mkdtemp(join(tmpdir(), "fer-mislabelled-"));
  try {
    const trainer = new FerTrainer({ ...options, ...QUICK, to: join(folder, "run") });
    return await use(await trainer.fit(set, context.hooks));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refuseParts({ folds, name }: AssembledSet): void {
  if (folds > 0) return;
  throw new OptionsError({
    code: "NO_FOLDS",
    subject: name,
    found: "it has parts, not folds: its training samples would be judged by a network that was trained on them",
    expected: "a set of folds",
    fix: "Assemble one of the same images: fer assemble <folders> --split kfold --folds 5, or subject-kfold",
  });
}
