/** `fer predict <run> <images...>`: the expression on pictures of faces. */
import { DatasetError } from "@fer/core";
import { Fit } from "@fer/core/set";
import { DecoderName } from "@fer/dataset-extractors/image";
import { ENGINES, openRun, type Prediction } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { decodePictures, findPictures, type PictureBatch } from "../images/pictures.js";
import { type Cell, percent, table } from "../output/table.js";

export const PredictOptions = z.strictObject({
  run: z.string().describe("Run folder that fer train wrote"),
  images: z
    .array(z.string())
    .min(1)
    .describe("Pictures, or folders of pictures at any depth; each picture shows one face that was cut out"),
  fit: Fit.optional().describe(
    "What makes a picture square: stretch, pad (black bars) or crop (centre square); as in the set of the training if left out",
  ),
  decoder: DecoderName.default("jimp").describe("Library that decodes pictures; sharp is faster and optional"),
  engine: z
    .enum(["auto", ...ENGINES])
    .optional()
    .describe("What runs the model; that of the training if left out"),
});

/** What `--json` shows of a picture. */
type PredictionRow = ({ file: string } & Prediction) | { file: string; problem: string };

export default defineCommand({
  options: PredictOptions,
  positionals: ["run", "images"],
  paths: ["run", "images"],
  details:
    "Whole photos are not searched for faces: cut them out first. Blank pictures, noise and what does not look like a face are marked as such: do not rely on what is said of them. Pictures that cannot be decoded are listed with the reason; exit code 1 where one of them was named, or no picture could be decoded.",
  examples: ["fer predict runs/first face.jpg", "fer predict runs/first faces --json"],
  async run({ run: folder, images, engine, fit, decoder }, { hooks, output }) {
    const run = await openRun(folder);
    const { files, others } = await findPictures(images);
    if (files.length === 0) throw noPictures(images, others);
    if (others > 0) output.note(`${others} other files were left out`);
    let done = 0;
    let failed = 0;
    let doubted = 0;
    let isNamedOneBad = false;
    async function* pieces() {
      for await (const batch of decodePictures(files, { run, fit, decoder, hooks })) {
        const settings = { signal: hooks.signal, ...(engine === undefined ? {} : { engine }) };
        const predictions = batch.pixels.length === 0 ? [] : await run.predict(batch.pixels, settings);
        const rows = rowsOf(batch, predictions);
        done += batch.files.length;
        failed += batch.problems.size;
        doubted += predictions.filter(({ doubt }) => doubt !== null).length;
        isNamedOneBad ||= images.some((path) => batch.problems.has(path));
        hooks.onProgress({ stage: "predict", done, total: files.length, unit: "images" });
        yield { text: renderRows(rows), json: rows };
      }
    }
    await output.pieces(pieces());
    if (failed > 0) output.note(`${failed} of ${files.length} pictures could not be decoded`);
    if (doubted > 0)
      output.note(`${doubted} of ${files.length} pictures may not show a face: do not rely on what is said of them`);
    return { text: "", json: null, isShown: true, exitCode: isNamedOneBad || failed === files.length ? 1 : 0 };
  },
});

/** In the order of the files. */
function rowsOf({ files, problems }: PictureBatch, predictions: readonly Prediction[]): PredictionRow[] {
  let next = 0;
  return files.map((file) => {
    const problem = problems.get(file);
    return problem === undefined ? { file, ...predictions[next++]! } : { file, problem };
  });
}

const DOUBTS = { blank: "blank", noise: "noise", "no-face": "not a face?" } as const;

/** One line a picture: its expression, how sure the model is, the next likely one, and what speaks against it. */
function renderRows(rows: readonly PredictionRow[]): string {
  const shown = rows.map((row): Cell[] => {
    if ("problem" in row) return [row.file, null, null, null, row.problem];
    const { file, expression, confidence, probabilities, doubt } = row;
    const [name, share] = Object.entries(probabilities)
      .filter(([other]) => other !== expression)
      .sort(([, a], [, b]) => b - a)[0]!;
    return [file, expression, percent(confidence), `${name} ${percent(share)}`, doubt === null ? "" : DOUBTS[doubt]];
  });
  return table(["picture", "expression", "sure", "next", "note"], shown);
}

const noPictures = (images: readonly string[], others: number): DatasetError =>
  new DatasetError({
    code: "EMPTY_FOLDER",
    subject: images.join(", "),
    found: others === 0 ? "nothing there" : `${others} files, and none with the name of a picture`,
    expected: "png, jpg or other pictures",
  });
