/** Packs every package and holds it against publint and are-the-types-wrong (profile esm-only). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const shell = process.platform === "win32";
const folder = mkdtempSync(join(tmpdir(), "fer-pack-"));
let failed = false;

const run = (command, args, cwd) => {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit", shell });
  if (status !== 0) failed = true;
};

for (const name of readdirSync(join(root, "packages"))) {
  const home = join(root, "packages", name);
  console.log(`\n${name}`);
  const out = join(folder, `${name}.tgz`);
  const packed = spawnSync("npx", ["--yes", packageManager, "pack", "--out", out], {
    cwd: home,
    encoding: "utf8",
    shell,
  });
  if (packed.status !== 0) {
    console.error(packed.stdout, packed.stderr);
    failed = true;
    continue;
  }
  run("npx", ["--yes", "publint@0.3.25", "run", out, "--strict"], home);
  run("npx", ["--yes", "@arethetypeswrong/cli@0.18.5", out, "--profile", "esm-only", "--no-emoji"], home);
}
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
