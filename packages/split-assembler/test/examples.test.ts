/** The examples of docstrings and README run and print what they promise. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

testExamples(join(import.meta.dirname, ".."), {
  prepare() {
    writeImageFolder("data/ckplus", balancedImages(), { adapter: "ckplus" });
    writeImageFolder("data/own", balancedImages({ prefix: "own-" }), { adapter: "folders" });
  },
  first: ["README.md 1"],
});
