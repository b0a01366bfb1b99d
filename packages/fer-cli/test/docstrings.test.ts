/**
 * Every `@example` of a docstring, and every program of the READMEs, compiles under strict, our own declarations
 * (`skipLibCheck: false`) with it; docstrings run and print what they say.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { docstringExamples } from "../../../test/examples.ts";

const home = fileURLToPath(new URL("..", import.meta.url));
const root = join(home, "../..");
// below node_modules of this package, so that its own name and its dependencies are found
const folder = join(home, "node_modules/.docstrings");

/** Internal functions are imported from beside the file that shows them. */
const docstrings = docstringExamples(home).map(({ name, code }, index) => ({
  name,
  file: join(folder, `docstring-${index}`),
  code: code.replaceAll('from "./', `from "../../dist/${dirname(name)}/`),
}));
const readmes = ["README.md", "packages/fer-cli/README.md"].flatMap((name) =>
  [...readFileSync(join(root, name), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(([, code], index) => ({
    name,
    file: join(folder, `${name.replaceAll(/\W/g, "-")}-${index}`),
    code: code!,
  })),
);
const programs = [...docstrings, ...readmes];

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of programs) writeFileSync(`${file}.mts`, code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("they compile, with our own declarations, and there are some", { timeout: 120_000 }, () => {
  expect([docstrings.length, readmes.length].map((count) => count > 1)).toEqual([true, true]);
  const words = ["--strict", "--noUncheckedIndexedAccess", "--target", "ES2023", "--lib", "ES2023", "--types", "node"];
  const files = programs.map(({ file }) => `${file}.mts`);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const all = [tsc, ...words, "--module", "NodeNext", "--ignoreConfig", "--pretty", "false", ...files];
  const { stdout } = spawnSync(process.execPath, all, { cwd: folder, encoding: "utf8" });
  // the types of TensorFlow.js, Vega and WebGPU do not pass; what follows is indented
  const ours = stdout.split("\n").filter((line) => /^\S/.test(line) && !line.includes("node_modules/.pnpm/"));
  expect(ours).toEqual([]);
});

test.each(docstrings)("$name runs and prints what it says", async ({ file, code }) => {
  const printed: string[] = [];
  const log = vi
    .spyOn(console, "log")
    .mockImplementation((...values: unknown[]) => void printed.push(format(...values)));
  try {
    await import(pathToFileURL(`${file}.mjs`).href);
  } finally {
    log.mockRestore();
  }
  expect(printed).toEqual([...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said));
});
