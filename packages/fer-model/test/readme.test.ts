/** The snippets of the README run: with a small set, few epochs and the tiny network in place of what it names. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { tinySet } from "./tiny-set.ts";

let folder: string;
let snippets: string[];
const packageFolder = join(import.meta.dirname, "..");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-readme-"));
  await symlink(join(packageFolder, "node_modules"), join(folder, "node_modules"), "junction");
  const classes = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
  (await tinySet(join(folder, "features"), { name: "mix", size: 48, classes })).close();
  const readme = await readFile(join(packageFolder, "README.md"), "utf8");
  snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a snippet as a module, with what the text around it has introduced. */
async function runs(name: string, text: string): Promise<Record<string, unknown>> {
  const adapted = text
    .replaceAll('"@fer/model"', JSON.stringify(import.meta.resolve("@fer/model")))
    .replaceAll('"features/mix"', JSON.stringify(join(folder, "features/mix")))
    .replaceAll('"runs/first"', JSON.stringify(join(folder, "runs/first")))
    .replaceAll(/epochs: \d+/g, 'epochs: 1, architecture: "tiny", engine: "cpu", report: false')
    .replaceAll("console.log", "void ");
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, `${adapted}\nexport const found = { run, metrics: run.metrics };\n`);
  return ((await import(pathToFileURL(file).href)) as { found: Record<string, unknown> }).found;
}

test("train, test and predict", async () => {
  const { metrics } = await runs("first", snippets[0]!);
  expect(metrics).toMatchObject({ part: "test", count: 16 });
});

test("open and evaluate", async () => {
  const opened = `import { openSet } from "@fer/core/set";\nconst otherSet = await openSet("features/mix");\n`;
  const { run } = await runs("later", opened + snippets[1]!);
  expect(run).toMatchObject({ model: { architecture: "tiny" } });
});

test("a network, a callback and an augmentation of one's own", async () => {
  const opened = `import { openSet } from "@fer/core/set";\nconst set = await openSet("features/mix");\n`;
  const { run } = await runs("own", opened + snippets[2]!);
  expect(run).toMatchObject({ model: { architecture: "custom" } });
});
