/** `fer export <path>`: an image folder, a set or a run in a format that other tools read. */
import { artifactAt, OptionsError } from "@fer/core";
import { openSet } from "@fer/core/set";
import { ExportOptions as FolderOptions, exportParquet } from "@fer/dataset-extractors";
import { EXPORT_FORMATS, exportRun, ExportRunOptions } from "@fer/model";
import { exportSet, SetExportOptions } from "@fer/split-assembler";
import { z } from "zod";
import { type CommandContext, type CommandResult, defineCommand } from "../command.js";
import { percent, table } from "../output/table.js";

const { as, quantize, part, engine } = ExportRunOptions.shape;
const { format, shard } = SetExportOptions.shape;

export const ExportOptions = z.strictObject({
  folder: z
    .string()
    .describe(
      "Image folder that fer extract wrote, set that fer assemble wrote (<folder>/<name>), or run folder that fer train wrote",
    ),
  ...FolderOptions.shape,
  format: format.describe("Of an image folder: parquet; of a set: parquet, or webdataset (tar archives)"),
  shard: shard.describe("Of a set, for webdataset: most images of an archive"),
  as: as.optional().describe("Of a run: format of the model, which takes raw grey levels of 0 to 255"),
  quantize: quantize.describe(`Of a run: ${quantize.description!.toLowerCase()}`),
  on: z
    .string()
    .optional()
    .describe("Of a run: set to measure the accuracy of the exported model on, as <folder>/<name>; it sees one view"),
  part: part.describe("Of a run: part of that set"),
  engine: engine.describe("Of a run: what measures"),
});
type Options = z.output<typeof ExportOptions>;

/** Options of one kind of export alone. */
const OF_RUNS = ["as", "quantize", "on", "part", "engine"] as const;
const OF_FOLDERS = ["workers", "decoder"] as const;

export default defineCommand({
  options: ExportOptions,
  positionals: ["folder"],
  paths: ["folder", "to", "on"],
  details:
    'Of an image folder, one Parquet file a split, with pictures and metadata; load_dataset("parquet", ...) of Hugging Face datasets reads them. Of a set, the same a part, in array order, or archives for webdataset (<row>.png, .cls, .json); of folds the part all, and the rows of each. Of a run, its model with standardising, centre crop and scaling inside, so that faces go in as they are cut out, 0 to 255; model.json beside it holds class names, shapes, and with --on the accuracy of this single view beside that of the run. tfjs: raw.json (and network.json, the network alone, over the same network.bin); tfjs-graph: graph.json; keras: model.keras (Keras 3); h5: keras.h5 and keras.json (Keras 2 and 3); savedmodel: the folder itself; onnx: model.onnx.',
  examples: [
    "fer export data/ckplus --to parquet/ckplus",
    "fer export features/mix --format webdataset --to shards/mix",
    "fer export runs/first --to models/first --as onnx",
  ],
  kept: () => "No half-written export was left: the same command starts it again.",
  target: ({ to }) => to,
  async run(options, context) {
    const { kind } = await artifactAt(options.folder);
    const isGiven = (name: string): boolean => context.given[name] !== undefined;
    if (kind === "run") {
      refuseOthers([...OF_FOLDERS, "format", "shard"].filter(isGiven), "of image folders and sets, and this is a run");
      return exportOfRun(options, context);
    }
    if (kind === "image-folder") {
      refuseOthers(OF_RUNS.filter(isGiven), "of runs, and this is an image folder");
      refuseOthers(["shard"].filter(isGiven), "of sets, and this is an image folder");
      return exportOfFolder(options, context);
    }
    if (kind === "set") {
      refuseOthers(OF_RUNS.filter(isGiven), "of runs, and this is a set");
      refuseOthers(OF_FOLDERS.filter(isGiven), "of image folders, and this is a set");
      return exportOfSet(options, context);
    }
    throw new OptionsError({
      code: "NOT_EXPORTABLE",
      subject: options.folder,
      found: "runs of several seeds",
      expected: "an image folder, a set, or a run",
      fix: "Export one of its runs",
    });
  },
});

function refuseOthers([name]: readonly string[], why: string): void {
  if (name === undefined) return;
  throw new OptionsError({ code: "INVALID_OPTIONS", subject: `--${name}`, found: `it is an option ${why}` });
}

async function exportOfFolder(
  { folder, to, format, workers, decoder, overwrite }: Options,
  { hooks, output }: CommandContext,
): Promise<CommandResult> {
  if (format !== "parquet") {
    throw new OptionsError({
      code: "NOT_EXPORTABLE",
      subject: folder,
      found: `an image folder, and the format ${format}`,
      expected: "parquet, or a set",
      fix: "Assemble a set of it, and export that",
    });
  }
  const options = { to, format, workers, decoder, overwrite };
  const { reused, ...result } = await exportParquet(folder, { ...options, ...hooks });
  if (reused) output.note(`export ${result.to} is there already, made from the same data`);
  return { text: table(["split", "rows"], Object.entries(result.rows)), json: result, isKept: reused };
}

async function exportOfSet(
  { folder, to, format, shard, overwrite }: Options,
  { hooks, output }: CommandContext,
): Promise<CommandResult> {
  const { reused, ...result } = await exportSet(folder, { to, format, shard, overwrite, ...hooks });
  if (reused) output.note(`export ${result.to} is there already, made from the same set`);
  return { text: table(["part", "rows"], Object.entries(result.rows)), json: result, isKept: reused };
}

async function exportOfRun(
  { folder, to, as: format, quantize, on, part, engine, overwrite }: Options,
  { hooks, output }: CommandContext,
): Promise<CommandResult> {
  if (format === undefined) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "--as",
      found: "is missing, and this is a run",
      expected: EXPORT_FORMATS.join(", "),
    });
  }
  const set = on === undefined ? undefined : await openSet(on);
  try {
    const options = { to, as: format, quantize, part, engine, overwrite };
    const onNote = (text: string): void => output.note(text);
    const { reused, ...result } = await exportRun(folder, { ...options, ...hooks, set, onNote });
    if (reused) output.note(`export ${to} is there already, made from the same run`);
    const { input, accuracy, file } = result.model.export;
    const rows = [
      ["file", file],
      ["input", `${input.name}, ${input.shape.map((size) => size ?? "n").join(" x ")}, raw 0 to 255`],
      ["classes", result.model.classes.join(", ")],
      ...(accuracy === null
        ? [["accuracy", "not measured: name a set with --on"]]
        : [
            ["accuracy of the run", `${percent(accuracy.run.accuracy)} (views: ${accuracy.run.views})`],
            ["accuracy of the file", `${percent(accuracy.file.accuracy)} (views: 1)`],
          ]),
    ];
    return { text: table(["exported", ""], rows), json: result, isKept: reused };
  } finally {
    set?.close();
  }
}
