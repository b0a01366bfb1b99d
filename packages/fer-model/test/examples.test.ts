/** The examples of docstrings and README compile under strict, run and print what they promise. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng } from "@fer/dataset-extractors/image";
import { testExamples } from "../../../test/examples.ts";
import { tinySet } from "./tiny-set.ts";

const classes = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
/** The options of the trainer's docstring, whose run the other examples open. */
const cheap = '{ architecture: "tiny", epochs: 2, engine: "cpu", to: "runs/first" }';

testExamples(join(import.meta.dirname, ".."), {
  async prepare() {
    writeFileSync("face.png", encodePng({ width: 60, height: 70, channels: 1, data: new Uint8Array(4200).fill(90) }));
    for (const name of ["mix", "other"]) (await tinySet("features", { name, size: 48, classes })).close();
  },
  first: ["train/trainer.ts", "train/trainer.ts (2)", "train/trainer.ts (3)", "README.md 1"],
  adapt: (code) =>
    code
      .replace('{ epochs: 60, seed: 1, to: "runs/first" }', cheap)
      .replace('{ epochs: 5, to: "runs/own" }', '{ epochs: 1, engine: "cpu", report: false, to: "runs/own" }'),
});
