/** `@fer/split-assembler/set` is what a trainer loads: it must not bring image decoders or thread pools along. */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadedBy } from "../../../../test/imports-of.ts";

it("the subpath set loads no image decoder", () => {
  const entry = fileURLToPath(import.meta.resolve("@fer/split-assembler/set"));
  expect(entry).toMatch(/dist.set\.js$/);
  const packages = [...loadedBy(entry)].filter((each) => !isAbsolute(each));
  expect(packages.sort()).toEqual(["@fer/core/set", "zod"]);
});
