/** `fer sweep <set>`: trainings whose options are drawn from a space, ranked by validation. */
import { readFile } from "node:fs/promises";
import { FormatError, untilAborted } from "@fer/core";
import { openSet } from "@fer/core/set";
import { selectEngine, sweep, SweepOptions as Options, type SweepSpace, TrainerOptions } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { renderSweep } from "../render/sweep.js";

const { space: _space, ...OwnOptions } = Options.shape;
const { to: _to, report: _report, ...TrainOptions } = TrainerOptions.shape;

export const SweepOptions = z.strictObject({
  set: z.string().describe("Set of parts that fer assemble wrote, as <folder>/<name>"),
  space: z
    .string()
    .describe("JSON file of what varies: option to a list of values, or to a range { min, max, log, integer }"),
  ...OwnOptions,
  ...TrainOptions,
});

/** Options of the sweep, and not of its trainings. */
const OWN = new Set(["set", "space", ...Object.keys(OwnOptions)]);

export default defineCommand({
  options: SweepOptions,
  positionals: ["set"],
  paths: ["set", "space", "from", "teacher", "sampleWeights", "to"],
  details: [
    'The space names options as the config file does, such as {"learningRate": {"min": 0.001, "max": 0.03, "log": true}, "net.width": [12, 16], "optimizer.name": ["adam", "muon"]}; other options of fer train hold for every trial.',
    "Trials are ranked by the monitor of the validation part; their test parts are measured and choose nothing. Each is a run: a sweep that was interrupted goes on, and one with more trials trains those alone. A trial that diverges is listed with the reason.",
  ].join("\n\n"),
  examples: [
    "fer sweep features/ckplus --space space.json --trials 12 --to runs/sweep",
    "fer sweep features/ckplus --space space.json --strategy halving --trials 27 --epochs 54 --to runs/sweep",
  ],
  kept: ({ to }) => `Runs that are finished are kept in ${to}: the same command goes on where it was stopped.`,
  target: ({ to }) => to,
  async run({ set: path, space: file, trials, strategy, drawSeed, to }, { hooks, output, signal, given }) {
    const space = await readSpace(file);
    const train = Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.has(name)));
    const set = await openSet(path);
    try {
      const { status, reason } = await untilAborted(
        selectEngine(TrainerOptions.shape.engine.parse(train["engine"])),
        signal,
      );
      output.note(`engine ${status.name} (${reason})`);
      const summary = await sweep(set, {
        space,
        trials,
        strategy,
        drawSeed,
        to,
        train: { report: false, ...train },
        ...hooks,
      });
      const failed = summary.rows.filter(({ problem }) => problem !== null);
      for (const { folder, problem } of failed) output.note(`${folder} failed: ${problem}`);
      return { text: renderSweep(to, summary), json: summary, exitCode: summary.best === null ? 1 : 0 };
    } finally {
      set.close();
    }
  },
});

/** What the file says; the library checks it. */
async function readSpace(file: string): Promise<SweepSpace> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as SweepSpace;
  } catch (cause) {
    throw new FormatError({
      code: "BAD_SPACE",
      subject: file,
      found: cause instanceof SyntaxError ? `it is not JSON (${cause.message})` : "it cannot be read",
      expected: 'a JSON file such as {"learningRate": {"min": 0.001, "max": 0.03, "log": true}}',
      cause,
    });
  }
}
