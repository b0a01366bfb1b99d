/** The examples compile; they run in a page (`readme.test.ts`), not in Node. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

const inPage = "it wants a page";
testExamples(join(import.meta.dirname, ".."), {
  lib: ["ES2023", "DOM", "DOM.Iterable"],
  notRun: {
    "camera.ts": inPage,
    "create-recognizer.ts": inPage,
    "web-recognizer.ts": inPage,
  },
});
