/** The examples of docstrings and README compile under strict, run and print what they promise. */
import { cpSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";
import { faceFiles, root } from "./fixtures/pictures.ts";

testExamples(join(import.meta.dirname, ".."), {
  readmes: ["../fer-weights/README.md"],
  async prepare(folder) {
    cpSync(faceFiles(1)[0]!, join(folder, "face.png"));
    // As it lies beside @fer/cli.
    await mkdir(join(folder, "node_modules/@fer"), { recursive: true });
    symlinkSync(join(root, "packages/fer-weights"), join(folder, "node_modules/@fer/weights"));
  },
});
