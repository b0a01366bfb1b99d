/**
 * From an empty folder to an expression: the packages as a release would publish them, from a registry on this machine (what
 * they depend on comes from npm's), installed into an empty project; the first `fer predict photo.jpg`; and what it finds on
 * the photos that come with @vladmandic/face-api, counted by eye, and on photos without a face.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng } from "@fer/dataset-extractors/image";
import { startRegistry } from "../scripts/local-registry.mjs";
import { releaseCopy } from "../scripts/packages.mjs";
import { installedPeers } from "./peers/installed_peers.mjs";
import { makeScene } from "./peers/face_scenes.mjs";

export const title = "From an empty folder to an expression";
export const peers = "none; faces of the photos of @vladmandic/face-api 1.7.15 counted by eye";

/** Faces by photo, one of those of the second in profile. */
const FACES = {
  "sample1.jpg": 3,
  "sample2.jpg": 3,
  "sample3.jpg": 3,
  "sample4.jpg": 4,
  "sample5.jpg": 5,
  "sample6.jpg": 4,
};
/** Backgrounds of the made-up scenes, without their heads. */
const EMPTY = 10;

export async function run({ log }) {
  const folder = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-first-"));
  try {
    const copy = releaseCopy(join(folder, "release"));
    const registry = await startRegistry(join(folder, "registry"));
    // empty caches: everything is fetched, and no engine was set up before
    const env = { ...registry.env, npm_config_cache: join(folder, "npm-cache"), FER_CACHE: join(folder, "cache") };
    const home = join(folder, "empty");
    mkdirSync(home);
    const timed = (command, args, cwd = home) => {
      const begun = performance.now();
      const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 28 });
      const seconds = (performance.now() - begun) / 1000;
      if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
      log(`${command} ${args.slice(0, 3).join(" ")}: ${seconds.toFixed(1)} s`);
      return { seconds, stdout, stderr };
    };
    timed(process.execPath, [fileURLToPath(new URL("../scripts/publish.mjs", import.meta.url)), "--from", copy]);
    const row = (what, value, unit) => ({ subject: "@fer/cli", case: what, value, unit, ratio: null });
    const samples = join(installedPeers(), "node_modules/@vladmandic/face-api/demo");
    for (const name of Object.keys(FACES)) copyFileSync(join(samples, name), join(home, name));

    const install = timed("npm", ["install", "--no-audit", "--no-fund", "@fer/cli"]);
    const bytes = Number(
      spawnSync("du", ["-sb", "node_modules"], { cwd: home, encoding: "utf8" }).stdout.split("\t")[0],
    );
    const packages = spawnSync("npm", ["ls", "--all", "--parseable"], { cwd: home, env, encoding: "utf8" });
    const first = timed("npx", ["fer", "predict", "sample6.jpg"]);
    log(first.stdout);
    const again = timed("npx", ["fer", "predict", "sample6.jpg"]);
    const rows = [
      row("npm install @fer/cli, nothing cached", install.seconds, "s"),
      row("installed", bytes / 1e6, "MB"),
      row("packages", packages.stdout.trim().split("\n").length - 1, ""),
      row("npx fer predict photo.jpg, the first time", first.seconds, "s"),
      row("npx fer predict photo.jpg, again", again.seconds, "s"),
      row("from nothing to the first expression", install.seconds + first.seconds, "s"),
    ];
    const seen = JSON.parse(timed("npx", ["fer", "predict", ...Object.keys(FACES), "--json", "--draw", "seen"]).stdout);
    if (process.env.FER_BENCH_SEEN !== undefined) {
      mkdirSync(process.env.FER_BENCH_SEEN, { recursive: true });
      for (const name of Object.keys(FACES)) {
        const drawn = name.replace(".jpg", ".png");
        copyFileSync(join(home, "seen", drawn), join(process.env.FER_BENCH_SEEN, drawn));
      }
    }
    for (const [name, count] of Object.entries(FACES)) {
      const found = seen.filter(({ file, box }) => file === name && box !== undefined).length;
      rows.push(row(`${name}: faces found, of ${count}`, found, "faces"));
    }
    mkdirSync(join(home, "empty"));
    for (let i = 0; i < EMPTY; i++) {
      const { picture } = await makeScene(i, { frames: [], most: 0 });
      writeFileSync(join(home, "empty", `${i}.png`), encodePng(picture));
    }
    const nothing = timed("npx", ["fer", "predict", "empty"]);
    log(nothing.stdout.trim());
    log(nothing.stderr.trim());
    const without = nothing.stdout.split("\n").filter((line) => line.includes("no face")).length;
    rows.push(row(`photos without a face that are said to have none, of ${EMPTY}`, without, "photos"));
    registry.stop();
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
