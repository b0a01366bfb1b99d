/** The examples of docstrings and README compile under strict, run and print what they promise. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";
import { makeBundle } from "./fixtures/bundle.ts";

testExamples(join(import.meta.dirname, ".."), { prepare: () => makeBundle() });
