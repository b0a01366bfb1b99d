/** What the README says of speed holds. (`examples.test.ts` runs its other snippets.) */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
// Inside the package, so that the snippets find it and its dependencies by name.
const scratch = join(packageFolder, "node_modules", `.readme-${process.pid}`);

async function snippet(first: string): Promise<string> {
  const readme = await readFile(join(packageFolder, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].map((match) => match[1]!);
  return blocks.find((block) => block.startsWith(first))!;
}

async function output(code: string): Promise<string> {
  const file = join(scratch, "snippet.mjs");
  await writeFile(file, code);
  return (await promisify(execFile)(process.execPath, [file])).stdout;
}

describe("the README", () => {
  beforeAll(() => mkdir(scratch, { recursive: true }));
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  test("compares an eager with a compiled step", async () => {
    const code = await snippet("import * as tf");
    const found = /^eager ([\d.]+) s, compiled ([\d.]+) s: ([\d.]+)x\n$/.exec(await output(code));
    expect(found).not.toBeNull();
    expect(Number(found![3])).toBeGreaterThan(1);
  });
});
