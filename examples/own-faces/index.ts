/**
 * Pictures of your own in class folders -> a model that names expressions.
 *
 *     npm start -- path/to/faces      with faces/happy/*.jpg, faces/sad/*.png, ...
 *
 * Without a path it takes the CK+ frames, whose folders are numbered and so need a map.
 */
import { extract } from "@fer/dataset-extractors";
import { FerTrainer } from "@fer/model";
import { Assembler } from "@fer/split-assembler";

const faces = process.argv[2];
const out = `${process.env["FER_OUT"] ?? "../../demo-output"}/own-faces`;
const numbers = { 0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happy", 5: "sad", 6: "surprise" } as const;

await extract({
  adapter: "folders",
  from: faces ?? "../data/ckplus",
  to: `${out}/data`,
  // CK+ names its files after the person: S005_001_00000001.png. Your own names may carry one too, or none.
  options: faces === undefined ? { map: numbers, subjectPattern: "(S\\d{3})_" } : {},
});
const set = await new Assembler({
  name: "faces",
  to: `${out}/features`,
  split: faces === undefined ? "subject" : "ratio",
  overwrite: true,
}).assemble([`${out}/data`]);
const run = await new FerTrainer({ epochs: 10, to: `${out}/run` }).fit(set);

const accuracy = run.metrics?.accuracy.toFixed(3);
const majority = run.metrics?.baselines?.majority.accuracy.toFixed(3);
console.log(`accuracy ${accuracy}, always the most frequent class ${majority}; report: ${run.folder}/report.html`);
