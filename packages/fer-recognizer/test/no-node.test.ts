/** What browsers load: nothing that is reached from the package has a module of Node in it. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SPECIFIER = /^(?:import|export)\s[^"';]*?from\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;

/** Built files of `@fer` packages that a file reaches, and all else that they import. */
function reach(start: string): { files: Set<string>; others: Set<string> } {
  const files = new Set<string>();
  const others = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, ...names] of readFileSync(file, "utf8").matchAll(SPECIFIER)) {
      const name = names.find((each) => each !== undefined)!;
      if (name.startsWith(".")) visit(join(dirname(file), name));
      else if (name.startsWith("@fer/")) visit(fileURLToPath(import.meta.resolve(name)));
      else others.add(name);
    }
  };
  visit(start);
  return { files, others };
}

test("the package reaches no module of Node, and none that it does not need", () => {
  const { files, others } = reach(fileURLToPath(import.meta.resolve("@fer/recognizer")));
  expect([...others].toSorted()).toEqual(["@tensorflow/tfjs", "zod"]);
  expect(files.size).toBeGreaterThan(20);
  const ofNode = [...files].filter((file) => /\bBuffer\.|\bprocess\.|\brequire\(/.test(readFileSync(file, "utf8")));
  expect(ofNode).toEqual([]);
});

test("its notice is packed", () => {
  const require = createRequire(import.meta.url);
  const home = dirname(require.resolve("@fer/recognizer/package.json"));
  expect(existsSync(join(home, "NOTICE"))).toBe(true);
});
