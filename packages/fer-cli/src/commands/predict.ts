/** `fer predict <run> <images...>`: the expression on pictures of faces. */
import { FormatError } from "@fer/core/errors";
import { ENGINES, openRun } from "@fer/model";
import { Fit } from "@fer/core/set";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { imageFiles, prepareFiles } from "../images/prepare-files.js";
import { type PredictionRow, renderPredictions } from "../render/predictions.js";

export const PredictOptions = z.strictObject({
  run: z.string().describe("Run folder that fer train wrote"),
  images: z.array(z.string()).min(1).describe("Pictures, or folders of pictures; each shows one face that was cut out"),
  fit: Fit.default("stretch").describe(
    "What makes a picture square: stretch, pad (black bars) or crop (centre square)",
  ),
  decoder: z
    .enum(["jimp", "sharp"])
    .default("jimp")
    .describe("Library that decodes pictures; sharp is faster and optional"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the model; that of the training if left out"),
});

export default defineCommand({
  options: PredictOptions,
  positionals: ["run", "images"],
  paths: ["run", "images"],
  details: "Whole photos are not searched for faces: cut them out first.",
  examples: ["fer predict runs/first face.jpg", "fer predict runs/first faces --json"],
  async run({ run: folder, images, fit, decoder, engine }, { hooks }) {
    const { model, ...run } = await withModel(folder);
    const files = await imageFiles(images);
    const rows: PredictionRow[] = [];
    for await (const pixels of prepareFiles(files, { model, fit, decoder })) {
      hooks.signal.throwIfAborted();
      const predictions = await run.predict(pixels, engine === undefined ? {} : { engine });
      for (const prediction of predictions) rows.push({ file: files[rows.length]!, ...prediction });
      hooks.onProgress({ stage: "predict", done: rows.length, total: files.length, unit: "images" });
    }
    return { text: renderPredictions(rows), json: rows };
  },
});

/** A run that has weights. */
async function withModel(folder: string) {
  const run = await openRun(folder);
  if (run.model !== null) return { model: run.model, predict: run.predict.bind(run) };
  throw new FormatError({
    code: "NO_WEIGHTS",
    subject: folder,
    found: "a run of folds has a model in each fold, and none of its own",
    fix: `Name one of them, for example ${folder}/fold-01`,
  });
}
