/** Packs every package and holds it against publint and are-the-types-wrong (profile esm-only). */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, packagesOf, root, shell } from "./packages.mjs";

const folder = mkdtempSync(join(tmpdir(), "fer-pack-"));
const CHECKS = [
  (tarball) => ["publint@0.3.25", "run", tarball, "--strict"],
  (tarball) => ["@arethetypeswrong/cli@0.18.5", tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"],
];
let failed = false;

for (const each of packagesOf(root)) {
  const tarball = pack(each, folder);
  // Data alone has no types.
  const checks = existsSync(join(each.folder, "src")) ? CHECKS : CHECKS.slice(0, 1);
  for (const check of checks) {
    const words = ["--yes", ...check(tarball)];
    const { status, stdout, stderr } = spawnSync("npx", words, { cwd: each.folder, encoding: "utf8", shell });
    console.log(`${status === 0 ? "ok    " : "FAILED"}  ${each.name}: ${words[1]}`);
    if (status === 0) continue;
    console.log(`${stdout}\n${stderr}`);
    failed = true;
  }
}
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
