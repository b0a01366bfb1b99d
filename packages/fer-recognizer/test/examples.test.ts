/** The examples of docstrings run and print what they promise; the programs of the README compile. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

testExamples(join(import.meta.dirname, ".."), {
  notRun: {
    "recognizer.ts": "it wants a model",
    "video/recognize-frames.ts": "it wants a model",
  },
});
