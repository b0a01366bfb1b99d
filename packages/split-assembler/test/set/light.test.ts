/** `@fer/split-assembler/set` is what a trainer loads: it must not bring image decoders or thread pools along. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Packages that a built file imports, through all files of its own package. */
function packagesOf(file: URL, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file.href)) return packages;
  seen.add(file.href);
  for (const [, specifier] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\b(?:[\w\s{},*]*\bfrom)?\s*"([^"]+)"/gm,
  )) {
    if (specifier!.startsWith("node:")) continue;
    if (specifier!.startsWith(".")) for (const name of packagesOf(new URL(specifier!, file), seen)) packages.add(name);
    else if (specifier!.startsWith("@fer/")) {
      packages.add(specifier!);
      for (const name of packagesOf(new URL(import.meta.resolve(specifier!)), seen)) packages.add(name);
    } else packages.add(specifier!);
  }
  return packages;
}

it("the subpath set loads no image decoder", () => {
  const entry = new URL(import.meta.resolve("@fer/split-assembler/set"));
  expect(fileURLToPath(entry)).toMatch(/dist.set\.js$/);
  expect([...packagesOf(entry)].sort()).toEqual(["@fer/core/set", "zod"]);
});
