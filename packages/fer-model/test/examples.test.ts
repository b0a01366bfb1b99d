/** Every `@example` of a docstring runs and prints what the comment behind its `console.log` says. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { tinySet } from "./tiny-set.ts";

const packageFolder = join(import.meta.dirname, "..");
const sources = (await readdir(join(packageFolder, "src"), { recursive: true })).filter((file) => file.endsWith(".ts"));
const examples = sources
  .flatMap((file) =>
    [...readFileSync(join(packageFolder, "src", file), "utf8").matchAll(/@example\s+\* ```ts\n(.*?)\* ```/gs)].map(
      ([, text], at) => ({ name: at === 0 ? file : `${file} (${at + 1})`, code: text!.replaceAll(/^ *\* ?/gm, "") }),
    ),
  )
  // The trainer's makes the run that others open.
  .sort((a, b) => Number(b.code.includes(".fit(")) - Number(a.code.includes(".fit(")));

let folder: string;
const home = process.cwd();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-examples-"));
  symlinkSync(join(packageFolder, "node_modules"), join(folder, "node_modules"), "junction");
  const classes = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
  (await tinySet(join(folder, "features"), { name: "mix", size: 48, classes })).close();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

test("there are examples, one of them trains", () => {
  expect(examples.length).toBeGreaterThan(10);
  expect(examples[0]!.code).toContain(".fit(");
});

test.each(examples)("$name", async ({ name, code }) => {
  const printed: string[] = [];
  const log = vi
    .spyOn(console, "log")
    .mockImplementation((...values: unknown[]) => void printed.push(format(...values)));
  const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.mjs`);
  writeFileSync(file, code.replaceAll('"@fer/model"', JSON.stringify(import.meta.resolve("@fer/model"))));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    log.mockRestore();
  }
  const promised = [...code.matchAll(/console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map(([, comment]) => comment);
  // Where there is no comment, anything may be printed.
  expect(printed).toEqual(promised.map((comment, at) => comment ?? printed[at]));
  expect(printed.join("")).not.toBe("");
});
