/** Prints what `vitest run --coverage` measured, a line a package, and what that leaves out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./packages.mjs";

const files = Object.entries(JSON.parse(readFileSync(join(root, "coverage", "coverage-summary.json"), "utf8")));
const KINDS = ["lines", "branches", "functions"];
const covered = new Map();
for (const [file, figures] of files) {
  const name = /packages[\\/]([\w-]+)[\\/]/.exec(file)?.[1] ?? "all packages";
  const sums = covered.get(name) ?? Object.fromEntries(KINDS.map((kind) => [kind, { covered: 0, total: 0 }]));
  for (const kind of KINDS) {
    sums[kind].covered += figures[kind].covered;
    sums[kind].total += figures[kind].total;
  }
  covered.set(name, sums);
}
for (const [name, sums] of covered) {
  const shares = KINDS.map(
    (kind) => `${kind} ${((100 * sums[kind].covered) / sums[kind].total).toFixed(1).padStart(5)} %`,
  );
  console.log(`coverage  ${name.padEnd(20)} ${shares.join("  ")}`);
}
console.log(
  "          Of the processes of the test runner. What they start is not counted: decoding and batching threads, and every",
);
console.log("          `fer` that tests of fer-cli run as a user does, which is most of that package.");
