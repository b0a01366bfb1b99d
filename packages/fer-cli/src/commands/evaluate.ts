/** `fer evaluate <run>`: a trained model on another set, or what its own test part said. */
import { artifactAt, FormatError, OptionsError } from "@fer/core";
import { type Metrics, readReadings, RUN_FILES, RunFolder, spreadsOf } from "@fer/core/run";
import { ENGINES, openRun, openSeeds } from "@fer/model";
import { acceptedFingerprint, type AssembledSet, openSet, Part } from "@fer/core/set";
import { z } from "zod";
import { type CommandContext, defineCommand } from "../command.js";
import type { LoadedConfig } from "../config/load-config.js";
import { parsedSections } from "../config/sections.js";
import { renderMetrics, timesOf } from "../render/run.js";
import { renderEvaluations } from "../render/seeds.js";

export const EvaluateOptions = z.strictObject({
  run: z.string().describe("Run folder that fer train wrote, or a folder of runs by seed, each of which is measured"),
  on: z
    .string()
    .optional()
    .describe("Set to measure it on, as <folder>/<name>; without it, the test part of its own set"),
  part: Part.default("test").describe("Part of that set"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the model; that of the training if left out"),
});

export default defineCommand({
  options: EvaluateOptions,
  derived: { run: trainedIn },
  positionals: ["run"],
  paths: ["run", "on"],
  details:
    "The result is kept in the run folder as evaluations/<set>-<part>.json, and shown where it is there already; with --engine it is measured again. Each measurement is a line of readings.jsonl.",
  examples: ["fer evaluate runs/first", "fer evaluate runs/first --on features/other"],
  target: ({ run, on, part }) => (on === undefined ? run : `${run} on ${on}, ${part}`),
  async run({ run: folder, ...asked }, context) {
    const isOfSeeds = await artifactAt(folder).then(
      ({ kind }) => kind === "seeds",
      () => false,
    );
    if (!isOfSeeds) {
      const { metrics, isKept } = await evaluated(folder, { ...asked, ...context });
      return { text: renderMetrics(metrics), json: metrics, isKept };
    }
    const { runs } = await openSeeds(folder);
    const tests = [];
    for (const run of runs) tests.push({ run, ...(await evaluated(run.folder, { ...asked, ...context })) });
    const rows = tests.map(({ run, metrics }) => ({ ...metrics, seed: run.config.seed }));
    return {
      text: renderEvaluations(folder, rows),
      json: {
        runs: tests.map(({ run, metrics }) => ({ run: run.folder, metrics })),
        spread: spreadsOf(rows),
      },
      isKept: tests.every(({ isKept }) => isKept),
    };
  },
});

/** What a run says about a part of a set: as it was measured before, or now. */
async function evaluated(
  folder: string,
  {
    on,
    part,
    engine,
    signal,
    output,
  }: Omit<z.output<typeof EvaluateOptions>, "run"> & Pick<CommandContext, "signal" | "output">,
): Promise<{ metrics: Metrics; isKept: boolean }> {
  const run = await openRun(folder);
  if (on === undefined) {
    if (part !== "test") throw noSet(part);
    if (run.metrics !== null) return { metrics: run.metrics, isKept: true };
    throw new FormatError({
      code: "NO_METRICS",
      subject: folder,
      found: "its set had no test part",
      fix: "Name a set to measure it on with --on",
    });
  }
  const set = await openSet(on);
  try {
    const known = engine === undefined ? await measured(folder, { set, part }) : undefined;
    if (known !== undefined) {
      output.note(`measured already, kept in ${folder}/evaluations`);
      return { metrics: known, isKept: true };
    }
    const options = { part, signal, onNote: (text: string) => output.note(text) };
    const metrics = await run.evaluate(set, { ...options, ...(engine === undefined ? {} : { engine }) });
    const read = await readingsOf(folder, { set: set.name, part });
    // none where the run cannot be written
    if (part === "test" && read > 0)
      output.note(`the test part of ${set.name} was read ${timesOf(read)} since the training (${RUN_FILES.readings})`);
    return { metrics, isKept: false };
  } finally {
    set.close();
  }
}

/** The run that the train section of a config file writes. */
async function trainedIn(config: LoadedConfig): Promise<unknown> {
  const [section] = await parsedSections<{ to: string }>(config, "train");
  return section?.options.to;
}

/** An earlier evaluation on the same data. */
async function measured(run: string, { set, part }: { set: AssembledSet; part: Part }): Promise<Metrics | undefined> {
  const { name, info } = set;
  if ((await acceptedFingerprint(set)) !== info.fingerprint) return undefined;
  const evaluations = await (await RunFolder.open(run)).evaluations();
  const found = evaluations.find(({ file }) => file === `${name}-${part}.json`);
  return found?.metrics.set.fingerprint === info.fingerprint ? found.metrics : undefined;
}

/** How often a run was measured on a part since its training. */
async function readingsOf(run: string, { set, part }: { set: string; part: Part }): Promise<number> {
  const readings = await readReadings(await RunFolder.open(run));
  return readings.filter((each) => each.set === set && each.part === part).length;
}

const noSet = (part: Part): OptionsError =>
  new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "--on",
    found: `is missing, and --part is ${part}`,
    expected: "the set that the part is of, as <folder>/<name>",
  });
