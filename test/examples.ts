/**
 * Examples of the documentation are code: every `@example` of a package's docstrings and every `ts` or `js` block of
 * its README is compiled under `strict`, runs in a folder that the package's test prepares (one for the docstrings, one
 * for the README), and prints what the comment behind its `console.log` says:
 *
 *     console.log(1 + 1); // 2
 *     console.log([3, 4].map((n) => n * n));
 *     // [ 9, 16 ]
 *     console.log(process.pid); // such as 4711
 *
 * A block whose language goes on with "not run: <why>" is compiled and not run, and the site shows why.
 * A comment that begins with "such as" promises the kind of output only; where there is no comment, anything goes.
 * Our own declarations are compiled with them (`skipLibCheck: false`); those of TensorFlow.js and Vega do not pass.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

interface Example {
  /** `set/open-set.ts`, with a number where a file has several; `README.md 1`, `README.md 2` ... */
  name: string;
  code: string;
  language: "ts" | "js";
  /** Why it is not run, where the text says so behind the language: `ts not run: it wants a camera`. */
  notRun?: string | undefined;
}

export interface ExampleOptions {
  /** Puts what the examples read into the folder in which they run. */
  prepare?: (folder: string) => unknown;
  /** Examples that make what others read, by name; they run first, in this order. */
  first?: string[];
  /** Examples that are compiled and not run, with the reason. */
  notRun?: Record<string, string>;
  /** What stands before an example that goes on where the text around it stopped. */
  before?: Record<string, string>;
  /** Cheaper figures in the place of those of the text. */
  adapt?: (code: string, name: string) => string;
  /** READMEs beside the package's own, as paths from its folder. */
  readmes?: string[];
  /** What the compiler knows beside the package's dependencies; default `ES2023`. */
  lib?: string[];
}

/** The `@example` blocks of a package, in the order of its files. */
function docstringExamples(packageFolder: string): Example[] {
  const source = join(packageFolder, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file) =>
      [
        ...readFileSync(join(source, file), "utf8").matchAll(
          /@example\s+\* ```ts(?: not run: ([^\n]+))?\n(.*?)\* ```/gs,
        ),
      ].map(([, notRun, text], at) => ({
        name: `${file.replaceAll(sep, "/")}${at === 0 ? "" : ` (${at + 1})`}`,
        code: text!.replaceAll(/^ *\* ?/gm, ""),
        language: "ts" as const,
        notRun,
      })),
    );
}

/** The `ts` and `js` blocks of a README. */
function readmeExamples(packageFolder: string, readme: string): Example[] {
  const text = readFileSync(join(packageFolder, readme), "utf8");
  const block = /^```(ts|js)(?: not run: ([^\n]+))?\n(.*?)^```$/gms;
  return [...text.matchAll(block)].map(([, language, notRun, code], at) => ({
    name: `${readme} ${at + 1}`,
    code: code!,
    language: language as "ts" | "js",
    notRun,
  }));
}

/** What the comments behind each `console.log` promise; `undefined` where anything may be printed. */
function promisesOf(code: string): (string | undefined)[] {
  const call = /\bconsole\.log\(.*?(?:\);?(?: +\/\/ (.*))?|[^;)])$((?:\n *\/\/ .*)*)/gm;
  return [...code.matchAll(call)].map(([, behind, below]) => {
    const comment = behind ?? (below === "" ? undefined : below!.trim().replaceAll(/^ *\/\/ /gm, ""));
    return comment === undefined || comment.startsWith("such as") ? undefined : comment;
  });
}

/** Compiles all examples in one go; the errors by the name of the example. */
function compile(
  examples: Example[],
  { scratch, ...options }: ExampleOptions & { scratch: string },
): Map<string, string> {
  const files = examples.map(({ language }, at) => `example-${at}.${language}`);
  for (const [at, { name, code }] of examples.entries()) {
    const adapted = options.adapt?.(code, name) ?? code;
    writeFileSync(join(scratch, files[at]!), `${options.before?.[name] ?? ""}${adapted}\nexport {};\n`);
  }
  const compilerOptions = {
    strict: true,
    target: "ES2023",
    lib: options.lib ?? ["ES2023"],
    module: "NodeNext",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(scratch, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(scratch, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: files.filter((file) => file.endsWith(".ts")) }),
  );
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", scratch, "--pretty", "false"], {
    cwd: scratch,
    encoding: "utf8",
  });
  const errors = new Map<string, string>();
  let name = "";
  for (const line of stdout.split("\n").filter(Boolean)) {
    // Lines after the first of an error are indented.
    if (!line.startsWith(" ")) name = examples[Number(/^example-(\d+)\./.exec(line)?.[1])]?.name ?? line;
    if (!name.includes("node_modules/.pnpm/")) errors.set(name, `${errors.get(name) ?? ""}${line}\n`);
  }
  return errors;
}

/** Defines the tests of all examples of the package at `packageFolder`. */
export function testExamples(packageFolder: string, options: ExampleOptions = {}): void {
  const examples = [
    ...docstringExamples(packageFolder),
    ...["README.md", ...(options.readmes ?? [])].flatMap((readme) => readmeExamples(packageFolder, readme)),
  ];
  const rank = (example: Example) => {
    const at = (options.first ?? []).indexOf(example.name);
    return at === -1 ? Infinity : at;
  };
  const ordered = examples.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  // Beside the package's dependencies, so that an example finds what it imports by name.
  const scratch = join(packageFolder, "node_modules", `.examples-${process.pid}`);
  const home = process.cwd();
  const folders = { docstrings: "", readme: "" };
  const folderOf = ({ name }: Example) => (name.includes("README.md") ? "readme" : "docstrings");
  let errors: Map<string, string>;

  beforeAll(async () => {
    mkdirSync(scratch, { recursive: true });
    errors = compile(examples, { ...options, scratch });
    for (const name of ["docstrings", "readme"] as const) {
      folders[name] = mkdtempSync(join(tmpdir(), "fer-examples-"));
      process.chdir(folders[name]);
      await options.prepare?.(folders[name]);
    }
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(scratch, { recursive: true, force: true });
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
  });

  test(`the examples of ${basename(packageFolder)} compile under strict`, () => {
    expect(Object.fromEntries(errors)).toEqual({});
    expect(examples.length).toBeGreaterThan(0);
  });

  test("the options of this test name examples that exist", () => {
    const named = [
      ...(options.first ?? []),
      ...Object.keys(options.notRun ?? {}),
      ...Object.keys(options.before ?? {}),
    ];
    expect(named.filter((name) => !examples.some((example) => example.name === name))).toEqual([]);
  });

  test.each(ordered.filter(({ name, notRun }) => (notRun ?? options.notRun?.[name]) === undefined))(
    "$name prints what it promises",
    async (example) => {
      process.chdir(folders[folderOf(example)]);
      const printed: string[] = [];
      const log = vi
        .spyOn(console, "log")
        .mockImplementation((...values: unknown[]) => void printed.push(format(...values)));
      try {
        await import(pathToFileURL(join(scratch, `example-${examples.indexOf(example)}.js`)).href);
      } finally {
        log.mockRestore();
      }
      expect(printed.join("\n"), "an example shows what it does by console.log").not.toBe("");
      const promised = promisesOf(example.code);
      const exactly = !promised.includes(undefined);
      const kept = exactly
        ? [printed.join("\n")]
        : promised.filter((text) => text === undefined || printed.includes(text));
      expect(kept).toEqual(exactly ? [promised.join("\n")] : promised);
    },
  );
}
