/** The examples of docstrings and README run and print what they promise. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

testExamples(join(import.meta.dirname, ".."), {
  prepare() {
    writeImageFolder("data/ckplus", balancedImages({ perClass: 10, subjects: 10 }), { adapter: "ckplus" });
    writeImageFolder("data/own", balancedImages({ prefix: "own-" }), { adapter: "folders" });
  },
  first: ["README.md 1"],
});
