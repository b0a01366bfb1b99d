/** The examples of docstrings run and print what they promise; the programs of the README compile. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

testExamples(join(import.meta.dirname, ".."));
