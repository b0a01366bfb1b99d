/** Every `@example` of a docstring, and every program of the READMEs, compiles under strict; docstrings run as well. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const home = fileURLToPath(new URL("..", import.meta.url));
const root = join(home, "../..");
// below node_modules of this package, so that its own name and its dependencies are found
const folder = join(home, "node_modules/.docstrings");

/** A program of the documentation. */
interface Program {
  name: string;
  code: string;
  runs: boolean;
}

const programs: Program[] = [
  ...readdirSync(join(home, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [...readFileSync(join(home, "src", file), "utf8").matchAll(/@example\s+\* ```ts\n(.*?)\* ```/gs)].map(
        ([, text]) => ({
          name: file.replaceAll("\\", "/"),
          code: text!
            .replaceAll(/^ *\* ?/gm, "")
            .replaceAll(/from "\.\//g, `from "../../dist/${dirname(file).replaceAll("\\", "/")}/`),
          runs: true,
        }),
      ),
    ),
  ...["README.md", "packages/fer-cli/README.md"].flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => ({
      name: file,
      code: code!,
      runs: false,
    })),
  ),
].map(({ name, code, runs }, index) => ({ name: `${index} ${name}`, code, runs }));
const fileOf = ({ name }: Program, type: string): string => join(folder, `${name.replaceAll(/\W+/g, "-")}.${type}`);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const program of programs) writeFileSync(fileOf(program, "mts"), program.code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("they compile, and there are some", { timeout: 120_000 }, () => {
  expect(programs.length).toBeGreaterThan(4);
  const words = ["--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "ES2023", "--types", "node"];
  const result = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      ...words,
      "--module",
      "NodeNext",
      "--ignoreConfig",
      ...programs.map((program) => fileOf(program, "mts")),
    ],
    { cwd: folder, encoding: "utf8" },
  );
  expect(result).toMatchObject({ stdout: "", status: 0 });
});

test.each(programs.filter(({ runs }) => runs))("$name runs and prints what it says", async (program) => {
  const printed: string[] = [];
  const log = vi
    .spyOn(console, "log")
    .mockImplementation((...values: unknown[]) => void printed.push(format(...values)));
  try {
    await import(pathToFileURL(fileOf(program, "mjs")).href);
  } finally {
    log.mockRestore();
  }
  expect(printed).toEqual([...program.code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said));
});
