/** The snippets of the README run, and print what their comments say. */
import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { png } from "./fixtures/images.js";
import { temporaryFolder, writeTree } from "./fixtures/tree.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);

test.each(snippets.map((code, i) => [i + 1, code] as const))("snippet %i prints what it says", (_number, code) => {
  const dir = writeTree(temporaryFolder(), {
    "my-faces/happy/1.png": png(1),
    "my-faces/happy/2.png": png(2),
    "my-faces/sad/1.png": png(3),
    "my-faces/sad/2.png": "",
    "named-faces/ann_happy_1.png": png(4),
    "named-faces/bob_sad_1.png": png(5),
    "named-faces/bob_unhappy_1.png": png(6),
    "snippet.mjs": code,
  });
  symlinkSync(
    fileURLToPath(new URL("../../../node_modules", import.meta.url)),
    path.join(dir, "node_modules"),
    "junction",
  );
  const printed = execFileSync(process.execPath, ["snippet.mjs"], { cwd: dir, encoding: "utf8" });
  const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text]) => `${text}\n`).join("");
  expect(printed).toBe(promised);
});

test("there are snippets", () => {
  expect(snippets.length).toBeGreaterThanOrEqual(2);
});
