/** `fer cross <models...> --on <sets>`: every model on every set, in one table. */
import { type AssembledSet, openSet, Part } from "@fer/core/set";
import { cross, ENGINES } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { TABLE_FORMATS } from "../output/paper-tables.js";
import { renderCross } from "../render/cross.js";

export const CrossOptions = z.strictObject({
  models: z
    .array(z.string())
    .min(1)
    .describe(
      "Run folders, files of models (what they do not say stands in <file>.fer.json), what fer export wrote, or packages such as @fer/weights/fer2013",
    ),
  on: z.array(z.string()).min(1).describe("Sets to measure them on, as <folder>/<name>"),
  part: Part.optional().describe("Part of each set; test if left out, and all of a set of folds"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the models; that of its training for a run, if left out"),
  format: z.enum(TABLE_FORMATS).default("text").describe("Of the table"),
});

export default defineCommand({
  options: CrossOptions,
  positionals: ["models"],
  paths: ["models", "on"],
  details:
    "Accuracy and macro-F1 with intervals of 95 %, and how many images of the set each model has seen, where that is known: a run says what it was trained on, other files do not. What a run was measured on before is not read again; what is new is kept in the run. A model whose classes or images are others than the set's has its reason below the table.",
  examples: [
    "fer cross runs/first runs/second --on features/fer2013,features/ckplus",
    "fer cross runs/first mini_XCEPTION.hdf5 --on features/fer2013 --format latex",
  ],
  kept: () => "What was measured until then is kept in the runs.",
  async run({ models, on, part, engine, format }, { signal, output }) {
    const sets: AssembledSet[] = [];
    try {
      for (const path of on) sets.push(await openSet(path));
      const onNote = (text: string): void => output.note(text);
      const rows = await cross(models, { sets, part, engine, signal, onNote });
      return {
        text: renderCross(rows, format),
        json: rows,
        exitCode: rows.some(({ metrics }) => metrics !== null) ? 0 : 1,
      };
    } finally {
      for (const set of sets) set.close();
    }
  },
});
