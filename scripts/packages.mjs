/**
 * The published packages and their tarballs.
 *
 *     npm run pack [folder]    # builds, then writes the tarballs of all packages into `folder` (default: tarballs/)
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const shell = process.platform === "win32";
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Runs the pinned pnpm, brought by npx; the finished process. */
export const pnpm = (args, options) =>
  spawnSync("npx", ["--yes", packageManager, ...args], { encoding: "utf8", shell, ...options });

/** `{ folder, name, version }` of every package of the repository at `home`. */
export const packagesOf = (home) =>
  readdirSync(join(home, "packages")).map((entry) => {
    const folder = join(home, "packages", entry);
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { folder, name, version };
  });

/** Packs one package into `folder`; the path of the tarball. */
export function pack({ folder: home, name, version }, folder) {
  const tarball = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  const { status, stdout, stderr } = pnpm(["pack", "--out", tarball], { cwd: home });
  if (status !== 0) throw new Error(`${name} cannot be packed\n${stdout}\n${stderr}`);
  return tarball;
}

/** A copy of the repository with its built packages in `folder`, after `changeset version`: what a release publishes. */
export function releaseCopy(folder) {
  const git = (...words) => {
    const { status, stdout, stderr } = spawnSync("git", words, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`git ${words[0]}: ${stderr}`);
    return stdout;
  };
  mkdirSync(folder, { recursive: true });
  for (const file of git("-C", root, "ls-files", "-coz", "--exclude-standard").split("\0")) {
    if (file === "" || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  for (const { folder: home } of packagesOf(root)) {
    for (const made of ["dist", "bundle"]) {
      if (existsSync(join(home, made)))
        cpSync(join(home, made), join(folder, "packages", basename(home), made), { recursive: true });
    }
  }
  // A changelog names the commit of a change.
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=release", "-c", "user.email=release@localhost", "commit", "--quiet", "--message", "release");
  const changeset = join(root, "node_modules", "@changesets", "cli", "bin.js");
  const { status, stderr } = spawnSync(process.execPath, [changeset, "version"], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`changeset version: ${stderr}`);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, "tarballs"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const each of packagesOf(root)) console.log(pack(each, folder));
}
