/**
 * Installs the workspace with the pinned pnpm (brought by npx) when the lockfile is newer than the last install,
 * then compiles every package, removes what was compiled from sources that are gone, and makes the scripts that browsers
 * load. Needs nothing but Node and npm.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const stamp = join(root, "node_modules", ".fer-installed");
const mtime = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}

if (mtime(stamp) < mtime(join(root, "pnpm-lock.yaml"))) {
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile"]);
  writeFileSync(stamp, "");
}
run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);

for (const name of readdirSync(join(root, "packages"))) {
  const [source, dist] = ["src", "dist"].map((folder) => join(root, "packages", name, folder));
  if (!existsSync(source)) continue;
  for (const file of readdirSync(dist, { recursive: true })) {
    const stem = /^(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(file)?.[1];
    if (stem !== undefined && !["ts", "tsx"].some((ending) => existsSync(join(source, `${stem}.${ending}`))))
      rmSync(join(dist, file));
  }
}
for (const name of readdirSync(join(root, "packages"))) {
  const bundle = join(root, "packages", name, "scripts", "bundle.mjs");
  if (existsSync(bundle)) run(process.execPath, [bundle]);
}
