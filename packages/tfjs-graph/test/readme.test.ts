/** The snippets of the README run as they stand there. */
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

  test("compiles a function and prints a graph", async () => {
    const found = await output(
      `${await snippet("import { capture, compile")}\nconsole.log(w.arraySync(), loss.arraySync());`,
    );
    expect(found).toMatchInlineSnapshot(`
      "input x %0: float32[2,3]
      %1: float32[2,3] = Relu(x=%0)
      %2: float32[] = Sum(x=%1) {axes=[0,1], keepDims=false}
      output 0 %2: float32[]
      [ [ 0.6000000238418579 ], [ 1.2000000476837158 ] ] 9
      "
    `);
  });
});
