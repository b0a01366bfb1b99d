/** The examples compile; they want a page, and do not run in Node. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";

testExamples(join(import.meta.dirname, ".."), { lib: ["ES2023", "DOM", "DOM.Iterable"] });
