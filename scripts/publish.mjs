/**
 * Publishes what the registry does not have yet: packed by pnpm (which writes versions in the place of `workspace:`),
 * sent by npm (which signs where it comes from). Running it again is harmless.
 *
 *     node scripts/publish.mjs [--from <repository>] [arguments of npm publish: --dry-run, --provenance, --registry ...]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, packagesOf, root, shell } from "./packages.mjs";

const args = process.argv.slice(2);
const from = args[0] === "--from" ? args.splice(0, 2)[1] : root;
const passed = args.filter((arg) => arg !== "--provenance" && arg !== "--dry-run");
const folder = mkdtempSync(join(tmpdir(), "fer-publish-"));
const npm = (words, stdio) => spawnSync("npm", words, { encoding: "utf8", shell, stdio });

try {
  for (const each of packagesOf(from)) {
    const id = `${each.name}@${each.version}`;
    if (each.version === "0.0.0") throw new Error(`${id} has no version yet. Run npx changeset version first.`);
    if (npm(["view", id, "version", ...passed]).stdout.trim() === each.version) {
      console.log(`${id} is there already`);
      continue;
    }
    const { status } = npm(
      ["publish", pack(each, folder), "--access", "public", "--loglevel", "error", ...args],
      "inherit",
    );
    if (status !== 0) throw new Error(`${id} was not published`);
    console.log(`${id} published${args.includes("--dry-run") ? " (dry run)" : ""}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
