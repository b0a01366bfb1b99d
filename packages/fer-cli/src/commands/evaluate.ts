/** `fer evaluate <run | file>`: a trained model on another set, or what its own test part said. */
import { artifactAt, FormatError, OptionsError } from "@fer/core";
import { type Metrics, readReadings, RUN_FILES, RunFolder, spreadsOf } from "@fer/core/run";
import {
  ENGINES,
  evaluateModel,
  isModel,
  keptEvaluation,
  ModelFileInfo,
  openModel,
  openRun,
  openSeeds,
} from "@fer/model";
import { openSet, Part } from "@fer/core/set";
import { z } from "zod";
import { type CommandContext, type CommandResult, defineCommand } from "../command.js";
import type { LoadedConfig } from "../config/load-config.js";
import { parsedSections } from "../config/sections.js";
import { renderMetrics, timesOf } from "../render/run.js";
import { renderEvaluations } from "../render/seeds.js";

const { classes, size, channels, scale, offset, output } = ModelFileInfo.shape;

/** What a file of a model does not say by itself. */
export const MODEL_FILE_OPTIONS = {
  classes: classes.describe("Of a file: class names in the order of its outputs, if nothing else tells them"),
  size: size.describe("Of a file: edge of its images in pixels"),
  channels: channels.describe("Of a file: 1 for grey images, 3 for colour"),
  scale: scale.describe("Of a file: it is given pixel * scale + offset, pixels being 0 to 255"),
  offset: offset.describe("Of a file: see scale"),
  output: output.describe("Of a file: what comes out"),
};

export const EvaluateOptions = z.strictObject({
  run: z
    .string()
    .describe(
      "Run folder that fer train wrote, or a folder of runs by seed, each of which is measured; or a model: .h5, .keras, model.json of TensorFlow.js, .onnx, a folder that fer export wrote, or a package such as @fer/weights/fer2013",
    ),
  on: z
    .string()
    .optional()
    .describe("Set to measure it on, as <folder>/<name>; without it, the test part of its own set"),
  part: Part.default("test").describe("Part of that set"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the model; if left out, that of the training, or onnx in place of TensorFlow on a CPU"),
  ...MODEL_FILE_OPTIONS,
});

export default defineCommand({
  options: EvaluateOptions,
  derived: { run: trainedIn },
  positionals: ["run"],
  paths: ["run", "on"],
  details:
    "The result of a run is kept in the run folder as evaluations/<set>-<part>.json, and shown where it is there already; with --engine it is measured again. Each measurement is a line of readings.jsonl. What a file does not say by itself comes from flags, from <file>.fer.json beside it, or from a table of known files; classes are matched by name, and images of another size are resized with a note, or refused where the set may have thrown pixels away.",
  examples: [
    "fer evaluate runs/first",
    "fer evaluate runs/first --on features/other",
    "fer evaluate mini_XCEPTION.hdf5 --on features/fer2013 --classes angry,disgust,fear,happy,sad,surprise,neutral --scale 0.00784313725490196 --offset -1",
  ],
  target: ({ run, on, part }) => (on === undefined ? run : `${run} on ${on}, ${part}`),
  async run({ run: folder, ...options }, context) {
    const { classes, size, channels, scale, offset, output, ...asked } = options;
    const told = { classes, size, channels, scale, offset, output };
    const kind = await artifactAt(folder).then(
      (artifact) => artifact.kind,
      () => null,
    );
    if (kind !== "run" && kind !== "seeds" && (await isModel(folder)))
      return ofFile(folder, { ...asked, ...context, told });
    refuseTold(told);
    if (kind !== "seeds") {
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

type Asked = Omit<z.output<typeof EvaluateOptions>, "run" | keyof typeof MODEL_FILE_OPTIONS> &
  Pick<CommandContext, "signal" | "output">;

/** Other people's model on a part of a set. */
async function ofFile(
  path: string,
  { on, part, engine, signal, output, told }: Asked & { told: ModelFileInfo },
): Promise<CommandResult> {
  if (on === undefined) throw noSet(part);
  const set = await openSet(on);
  try {
    const { predictor, format, trainedOn, index } = await openModel(path, { ...told, engine, signal });
    try {
      output.note(`${path}: ${format}${trainedOn === null ? "" : `, trained on ${trainedOn}`}`);
      const onNote = (text: string): void => output.note(text);
      const { metrics } = await evaluateModel({ predictor, index }, { set, part, signal, onNote });
      return { text: renderMetrics(metrics), json: metrics };
    } finally {
      predictor.dispose();
    }
  } finally {
    set.close();
  }
}

function refuseTold(told: ModelFileInfo): void {
  const [name] = Object.entries(told).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: `--${name}`,
    found: "it is an option of files of models, and a run says this by itself",
  });
}

/** What a run says about a part of a set: as it was measured before, or now. */
async function evaluated(
  folder: string,
  { on, part, engine, signal, output }: Asked,
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
    const known = engine === undefined ? await keptEvaluation(folder, { set, part }) : null;
    if (known !== null) {
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

/** How often a run was measured on a part since its training. */
async function readingsOf(run: string, { set, part }: { set: string; part: Part }): Promise<number> {
  const readings = await readReadings(await RunFolder.open(run));
  return readings.filter((each) => each.set === set && each.part === part).length;
}

const noSet = (part: Part): OptionsError =>
  new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "--on",
    found: part === "test" ? "is missing" : `is missing, and --part is ${part}`,
    expected: "the set that the part is of, as <folder>/<name>",
  });
