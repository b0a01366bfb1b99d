/** What `npm run demo` does: `fer pipeline` with the config beside this file, then the figures that matter. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.env.FER_OUT ?? join(here, "../../demo-output");
const fer = join(dirname(createRequire(import.meta.url).resolve("@fer/cli/package.json")), "bin/fer.js");
const { status, stdout } = spawnSync(process.execPath, [fer, "pipeline", "--json"], {
  cwd: here,
  env: { ...process.env, FER_OUT: out },
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
});
if (status !== 0) process.exit(status ?? 1);

const { metrics, report } = JSON.parse(stdout);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(`CK+, ${metrics.count} images of held-out subjects, ${metrics.classes.length} classes:`);
console.log(`  network                        ${percent(metrics.accuracy)}`);
console.log(`  ridge on raw pixels            ${percent(metrics.baselines.ridge.accuracy)}`);
console.log(`  always the most frequent class ${percent(metrics.baselines.majority.accuracy)}`);
console.log(`report: ${relative(process.cwd(), report)}`);
