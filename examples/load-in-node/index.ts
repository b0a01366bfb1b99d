/**
 * Loads a trained run and names the expression on one picture of a face.
 *
 *     npm start -- <run folder> <picture>
 *
 * Without arguments it takes the run of `npm run demo` and one of the CK+ frames.
 */
import { readFile } from "node:fs/promises";
import { loadDecoder, readHeader } from "@fer/dataset-extractors";
import { openRun } from "@fer/model";
import { prepareImage } from "@fer/split-assembler";

const [folder = "../../demo-output/runs/ckplus", file = "../data/ckplus/4/S010_006_00000015.png"] =
  process.argv.slice(2);

const run = await openRun(folder);
if (run.model === null) throw new Error(`${folder} is a run of folds: pass one of its folders`);

const bytes = await readFile(file);
const header = readHeader(bytes);
if (typeof header === "string") throw new Error(`${file}: ${header}`);
const decode = await loadDecoder("jimp");
const pixels = prepareImage(await decode(bytes, header), { ...run.model, fit: "stretch" });

const [prediction] = await run.predict(pixels);
console.log(`${file}: ${prediction?.expression} (${Math.round(100 * (prediction?.confidence ?? 0))} %)`);
