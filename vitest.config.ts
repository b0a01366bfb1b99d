import { configDefaults, defineConfig } from "vitest/config";

/** Packages whose test files share a process: loading everything anew takes longer than most of them, and none leaves anything. */
const shared = ["core", "dataset-extractors", "split-assembler"].map((name) => `packages/${name}/test/**/*.test.ts`);

const isMeasured = process.argv.some((word) => word.startsWith("--coverage"));

/** Tests run on built output (`tsc -b` first): worker threads load the same files that are published. */
export default defineConfig({
  test: {
    globalSetup: ["test/memory-folder.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    // Node loads the built files itself, as for users: Vite would transform them anew for every test file. It does where
    // coverage is measured, which counts what a file does when it loads only then.
    server: { deps: { external: isMeasured ? [] : [/\/packages\/[^/]+\/dist\//] } },
    projects: [
      { extends: true, test: { name: "shared", include: shared, isolate: false } },
      {
        extends: true,
        test: {
          name: "own",
          include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts", "site/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...shared],
        },
      },
    ],
    // Of the processes that vitest starts; what they start themselves (workers, `fer`) is not counted.
    coverage: {
      provider: "v8",
      include: ["packages/*/dist/**/*.js"],
      reporter: ["json-summary"],
      reportOnFailure: true,
    },
  },
});
