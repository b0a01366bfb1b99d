/**
 * Loads a trained run and names the expression on one picture of a face.
 *
 *     npm start -- <run folder> <picture>
 *
 * Without arguments it takes the run of `npm run demo` and one of the CK+ frames.
 */
import { prepareImage } from "@fer/dataset-extractors/image";
import { openRun } from "@fer/model";

const [folder = "../../demo-output/runs/ckplus", file = "../data/ckplus/4/S010_006_00000015.png"] =
  process.argv.slice(2);

const run = await openRun(folder);
if (run.model === null) throw new Error(`${folder} is a run of folds: pass one of its folders`);

const pixels = await prepareImage(file, { ...run.model, fit: "stretch" });
const [prediction] = await run.predict(pixels);
console.log(`${file}: ${prediction?.expression} (${Math.round(100 * (prediction?.confidence ?? 0))} %)`);
