/** `fer abaw write | score`: what is handed in to ABAW's expression challenges, and what it is worth. */
import { stat } from "node:fs/promises";
import { OptionsError } from "@fer/core";
import { AbawWriteOptions, scoreAbaw, writeAbaw } from "@fer/model";
import { z } from "zod";
import { type CommandContext, type CommandResult, defineCommand } from "../command.js";
import { percent, table } from "../output/table.js";

const { to, frames, edition, overwrite } = AbawWriteOptions.shape;

export const AbawOptions = z.strictObject({
  action: z.enum(["write", "score"]).describe("write the files to hand in, or score such files"),
  path: z
    .string()
    .describe(
      "write: table of predictions, which fer predict --csv wrote; score: what was written, a folder or a file",
    ),
  to: to.optional().describe("write: folder for the files to hand in"),
  frames: frames.optional().describe(`write: ${frames.description!.replace(/^N/, "n")}`),
  edition: edition.describe(`write: ${edition.description}; score: the files say it`),
  overwrite: overwrite.describe("write: replace an earlier export of other predictions"),
  truth: z
    .string()
    .optional()
    .describe("score: the owner's annotations, a folder of <video>.txt or a file of image_location"),
});
type Options = z.output<typeof AbawOptions>;

export default defineCommand({
  options: AbawOptions,
  positionals: ["action", "path"],
  paths: ["path", "to", "frames", "truth"],
  details:
    "Frames are told by the names of pictures (<video>/00001.jpg) or by the column frame of videos. Frames without a face, or without a row, are -1; of several faces the largest counts. A frame that a video does not have, a video whose number of frames is not told, and classes that the edition does not have are refused. Scores: 2020 and 2021 0.67 F1 + 0.33 accuracy, later the mean F1 of the classes; frames that are not annotated do not count, those that are and were given -1 are wrong.",
  examples: [
    "fer abaw write predictions.csv --frames frames.csv --edition 2020 --to submission",
    "fer abaw score submission --truth EXPR_Set/Validation_Set",
  ],
  kept: () => "No half-written export was left: the same command starts it again.",
  target: ({ path, to: folder }) => folder ?? path,
  async run({ action, ...options }, { signal, output, given }) {
    const ofOther = action === "write" ? ["truth"] : ["to", "frames", "edition", "overwrite"];
    const wrong = ofOther.find((name) => given[name] !== undefined);
    if (wrong !== undefined) {
      const found = `it is an option of fer abaw ${action === "write" ? "score" : "write"}`;
      throw new OptionsError({ code: "INVALID_OPTIONS", subject: `--${wrong}`, found });
    }
    if ((await stat(options.path).catch(() => null)) === null)
      throw new OptionsError({ code: "NO_FILE", subject: options.path, found: "no such file or folder" });
    return action === "score" ? scored(options) : written(options, { signal, output });
  },
});

async function written(
  options: Omit<Options, "action">,
  { signal, output }: Pick<CommandContext, "signal" | "output">,
): Promise<CommandResult> {
  const onNote = (text: string): void => output.note(text);
  const { path, to: folder, frames: counts, edition: of, overwrite: replace } = options;
  const needed = { to: needs("to", folder), frames: needs("frames", counts), edition: of, overwrite: replace };
  const { reused, ...result } = await writeAbaw(path, { ...needed, signal, onNote });
  if (reused) onNote(`export ${result.to} is there already, made from the same predictions`);
  const { files, videos, frames: all, faceless } = result;
  const rows = [
    ["file", files.length === 1 ? files[0]! : `${files.length} files, such as ${files[0]}`],
    ["videos", videos],
    ["frames", all],
    ["without a face (-1)", faceless],
  ];
  return { text: table(["exported", ""], rows), json: result, isKept: reused };
}

async function scored({ path, truth }: Omit<Options, "action">): Promise<CommandResult> {
  const result = await scoreAbaw(path, { truth: needs("truth", truth) });
  const { edition: of, score, macroF1, accuracy, f1, frames: count, videos } = result;
  const rows = [
    [of === 2020 ? "score (0.67 F1 + 0.33 accuracy)" : "score (mean F1)", score.toFixed(4)],
    ["mean F1", percent(macroF1)],
    ["accuracy", percent(accuracy)],
    ...Object.entries(f1).map(([name, value]) => [`F1 of ${name}`, percent(value)]),
    ["frames that count", count],
    ["videos", videos],
  ];
  return { text: table([`ABAW, classes of ${of}`, ""], rows), json: result };
}

const NEEDED = {
  to: "a folder for the files",
  frames: "a table with the columns video and frames, or the owner's annotations",
  truth: "the owner's annotations",
};

function needs(name: keyof typeof NEEDED, value: string | undefined): string {
  if (value !== undefined) return value;
  const expected = NEEDED[name];
  throw new OptionsError({ code: "INVALID_OPTIONS", subject: `--${name}`, found: "is missing", expected });
}
