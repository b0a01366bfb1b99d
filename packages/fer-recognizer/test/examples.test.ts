/** The examples of docstrings run and print what they promise; the programs of the README compile. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

testExamples(join(import.meta.dirname, ".."), {
  notRun: {
    "recognizer.ts": "it wants a model",
    "video/recognize-frames.ts": "it wants a model",
    "README.md 1": "it wants a run and a photo",
    "README.md 2": "it wants a server",
    "README.md 3": "it wants a run and a video",
  },
});
