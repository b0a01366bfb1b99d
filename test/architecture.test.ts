/** The house rules: imports go one way, only public names cross a package boundary, cards and manifests agree. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { importsOf, loadedBy } from "./imports-of.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each package may import of the others: everything to its left. */
const MAY_IMPORT: Record<string, string[]> = {
  core: [],
  "dataset-extractors": ["@fer/core"],
  "split-assembler": ["@fer/core", "@fer/dataset-extractors"],
  "tfjs-graph": ["@fer/core"],
  "fer-recognizer": ["@fer/core"],
  "fer-web": ["@fer/core", "@fer/recognizer"],
  // Of the extractors it loads the decoders, at the first picture that is to be predicted.
  "fer-model": ["@fer/core", "@fer/dataset-extractors", "@fer/recognizer", "@fer/tfjs-graph"],
  "fer-view": ["@fer/core", "@fer/dataset-extractors", "@fer/split-assembler", "@fer/model"],
  "fer-serve": ["@fer/core", "@fer/dataset-extractors", "@fer/recognizer", "@fer/model"],
  "fer-cli": [
    "@fer/core",
    "@fer/dataset-extractors",
    "@fer/split-assembler",
    "@fer/tfjs-graph",
    "@fer/recognizer",
    "@fer/model",
    "@fer/serve",
    "@fer/view",
    "@fer/weights",
  ],
};

/** Packages whose scripts for browsers have their dependencies inside. */
const BUNDLED = new Set(["fer-view", "fer-web"]);

/** Packages without code. */
const DATA = ["fer-weights"];

/** Packages that the project was asked to stand on, and the package of ours that uses each. */
const CARD: Record<string, { in: string; as: "dependencies" | "peerDependencies" }> = {
  "@tensorflow/tfjs-node-gpu": { in: "fer-model", as: "peerDependencies" },
  jimp: { in: "dataset-extractors", as: "dependencies" },
  zod: { in: "fer-cli", as: "dependencies" },
  npyjs: { in: "split-assembler", as: "dependencies" },
  "fast-glob": { in: "dataset-extractors", as: "dependencies" },
  vega: { in: "fer-model", as: "dependencies" },
  "vega-lite": { in: "fer-model", as: "dependencies" },
};

interface Manifest {
  name: string;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest;

const sourcesOf = (folder: string): string[] =>
  readdirSync(join(root, "packages", folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

it("knows every package", () => {
  expect([...Object.keys(MAY_IMPORT), ...DATA].toSorted()).toEqual(readdirSync(join(root, "packages")).toSorted());
});

describe.each(Object.keys(MAY_IMPORT))("packages/%s", (folder) => {
  const files = sourcesOf(folder).map((file) => ({
    file: relative(root, file),
    imports: importsOf(readFileSync(file, "utf8")),
  }));
  const manifest = manifestOf(folder);

  it("imports only from packages to its left, and only what they export", () => {
    const wrong = files.flatMap(({ file, imports }) =>
      imports
        .filter((specifier) => specifier.startsWith("@fer/") && packageOf(specifier) !== manifest.name)
        .filter((specifier) => {
          if (!MAY_IMPORT[folder]!.includes(packageOf(specifier))) return true;
          const owner = [...Object.keys(MAY_IMPORT), ...DATA].find(
            (other) => manifestOf(other).name === packageOf(specifier),
          )!;
          return !(`.${specifier.slice(packageOf(specifier).length)}` in manifestOf(owner).exports);
        })
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it("reaches into no other package by a relative path", () => {
    const home = join(root, "packages", folder, "src");
    const wrong = files.flatMap(({ file, imports }) =>
      imports
        .filter((specifier) => specifier.startsWith("."))
        .filter(
          (specifier) =>
            !resolve(root, dirname(file), specifier).startsWith(home) && !specifier.endsWith("package.json"),
        )
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it("declares every package it imports", () => {
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.optionalDependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
      // What scripts/bundle.mjs puts into the scripts that are shipped.
      ...(BUNDLED.has(folder) ? Object.keys(manifest.devDependencies ?? {}) : []),
      manifest.name,
    ]);
    const wrong = files.flatMap(({ file, imports }) =>
      imports
        .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
        .filter((specifier) => !declared.has(packageOf(specifier)))
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it("has no dependency that it does not import", () => {
    const used = new Set(files.flatMap(({ imports }) => imports.map(packageOf)));
    expect(Object.keys(manifest.dependencies ?? {}).filter((name) => !used.has(name))).toEqual([]);
  });
});

/** Each thread loads its modules for itself: zod alone is a tenth of a second of a processor's time. */
it.each([
  "dataset-extractors/dist/image/extract-worker.js",
  "dataset-extractors/dist/inspect/stats-worker.js",
  "dataset-extractors/dist/twins/sketch-worker.js",
  "split-assembler/dist/image/worker.js",
])("packages/%s loads neither zod nor the whole of core", (worker) => {
  const loaded = loadedBy(join(root, "packages", worker));
  expect(loaded.size).toBeGreaterThan(5);
  expect(loaded).not.toContain("zod");
  expect(loaded).not.toContain(join(root, "packages/core/dist/index.js"));
});

it("options are declared without the thread pool that they may start", () => {
  const loaded = loadedBy(join(root, "packages/dataset-extractors/dist/options.js"));
  expect(loaded).toContain("zod");
  expect(loaded).not.toContain("piscina");
});

describe("the packages that the project stands on", () => {
  it.each(Object.entries(CARD))("%s is declared and imported where it serves", (name, card) => {
    const manifest = manifestOf(card.in);
    expect(Object.keys(manifest[card.as] ?? {})).toContain(name);
    const users = sourcesOf(card.in).filter((file) =>
      importsOf(readFileSync(file, "utf8")).some((specifier) => packageOf(specifier) === name),
    );
    expect(users.length).toBeGreaterThan(0);
  });

  it("is installed by pnpm", () => {
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toMatchObject({
      packageManager: expect.stringMatching(/^pnpm@\d/),
    });
  });

  it("leaves tfjs-node-gpu optional, and tfjs to the user so that there is one copy", () => {
    const { peerDependencies, peerDependenciesMeta, dependencies } = manifestOf("fer-model");
    expect(peerDependenciesMeta?.["@tensorflow/tfjs-node-gpu"]).toEqual({ optional: true });
    expect(peerDependencies).toHaveProperty("@tensorflow/tfjs");
    expect(dependencies).not.toHaveProperty("@tensorflow/tfjs");
  });

  it.each(Object.keys(MAY_IMPORT).filter((folder) => folder !== "fer-cli"))(
    "%s takes the zod of its user, whose schemas it is given",
    (folder) => {
      expect(manifestOf(folder).peerDependencies).toHaveProperty("zod");
      expect(manifestOf(folder).dependencies ?? {}).not.toHaveProperty("zod");
    },
  );

  it.each(Object.keys(MAY_IMPORT))("%s lets its users have patches of what it depends on", (folder) => {
    const { dependencies, optionalDependencies } = manifestOf(folder);
    const pinned = Object.entries({ ...dependencies, ...optionalDependencies }).filter(
      ([, range]) => !/^(\^\d|workspace:\^$)/.test(range),
    );
    expect(pinned).toEqual([]);
  });

  it("walks folders with fast-glob in one file only", () => {
    const users = Object.keys(MAY_IMPORT).flatMap((folder) =>
      sourcesOf(folder).filter((file) => importsOf(readFileSync(file, "utf8")).includes("fast-glob")),
    );
    expect(users.map((file) => relative(root, file))).toEqual(["packages/dataset-extractors/src/tree/walk.ts"]);
  });
});

it("CONTRIBUTING names files that exist, from the root or from the sources of the package that its line names", () => {
  const missing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8")
    .split("\n")
    .flatMap((line) => {
      const sources = /`(packages\/[\w-]+\/src\/)/.exec(line)?.[1] ?? "";
      const files = [...line.matchAll(/`([\w./-]+\.(?:ts|mjs|yml))`/g)].map((match) => match[1]!);
      return files.filter((file) => ![file, `${sources}${file}`].some((path) => existsSync(join(root, path))));
    });
  expect(missing).toEqual([]);
});
