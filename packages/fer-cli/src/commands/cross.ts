/** `fer cross <models...> --on <sets>`: every model on every set, in one table. */
import { type AssembledSet, openSet, Part } from "@fer/core/set";
import { cross, ENGINES, type PeerModel } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { loadPeerModule, PEER } from "../config/peer-module.js";
import { TABLE_FORMATS } from "../output/paper-tables.js";
import { renderCross } from "../render/cross.js";

export const CrossOptions = z.strictObject({
  models: z
    .array(z.string())
    .min(1)
    .describe(
      "Run folders, files of models (what they do not say stands in <file>.fer.json), what fer export wrote, packages such as @fer/weights/fer2013, or peer:<module> for what runs otherwise",
    ),
  on: z.array(z.string()).min(1).describe("Sets to measure them on, as <folder>/<name>"),
  part: Part.optional().describe("Part of each set; test if left out, and all of a set of folds"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the models; if left out, that of the training, or onnx in place of TensorFlow on a CPU"),
  format: z.enum(TABLE_FORMATS).default("text").describe("Of the table"),
});

export default defineCommand({
  options: CrossOptions,
  positionals: ["models"],
  paths: ["models", "on"],
  details:
    "Accuracy and macro-F1 with intervals of 95 %, and how many images of the set each model has seen, where that is known: a run says what it was trained on, other files do not. What a run was measured on before is not read again; what is new is kept in the run. A model whose classes or images are others than the set's has its reason below the table. A peer is a module, which is executed: it exports classes (names in the order of the outputs) and predict({ images, count, size, channels }), which is given raw grey levels of 0 to 255 and returns count * classes probabilities, and may export name, size, channels, trainedOn and dispose.",
  examples: [
    "fer cross runs/first runs/second --on features/fer2013,features/ckplus",
    "fer cross runs/first mini_XCEPTION.hdf5 --on features/fer2013 --format latex",
    "fer cross runs/first peer:./peers/human.mjs --on features/fer2013",
  ],
  kept: () => "What was measured until then is kept in the runs.",
  async run({ models, on, part, engine, format }, { signal, output }) {
    const sets: AssembledSet[] = [];
    try {
      const judged: (string | PeerModel)[] = [];
      for (const model of models) judged.push(model.startsWith(PEER) ? await loadPeerModule(model) : model);
      for (const path of on) sets.push(await openSet(path));
      const onNote = (text: string): void => output.note(text);
      const rows = await cross(judged, { sets, part, engine, signal, onNote });
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
