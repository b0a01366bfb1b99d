/** The examples of docstrings run and print what they promise; the programs of the READMEs compile. */
import { dirname, join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

testExamples(join(import.meta.dirname, ".."), {
  // Internal functions are imported from beside the file that shows them.
  adapt: (code, name) => code.replaceAll('from "./', `from "../../dist/${dirname(name)}/`),
  readmes: ["../../README.md"],
  notRun: {
    "command.ts": "it is the file of a command, and prints nothing",
    "config/define-config.ts": "it is a config file, and prints nothing",
    "README.md 1": "readme.test.ts runs it",
    "../../README.md 1": "scripts/try-packages.mjs runs it",
  },
});
