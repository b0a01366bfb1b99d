import { defineConfig } from "vitest/config";

/** Tests run on built output (`tsc -b` first): worker threads load the same files that are published. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    // Of the processes that vitest starts; what they start themselves (workers, `fer`) is not counted.
    coverage: {
      provider: "v8",
      include: ["packages/*/dist/**/*.js"],
      reporter: ["json-summary"],
      reportOnFailure: true,
    },
  },
});
