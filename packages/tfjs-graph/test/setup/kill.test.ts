/**
 * SIGKILL of the whole process group at random (seeded) moments of `setupTensorFlow`: whatever it left, the same call
 * goes on and ends with what an uninterrupted one gives. `FER_SETUP_KILLS=5` runs it; it needs the network (pip, npm)
 * and a compiler, downloads 274 MB at least once and writes its figures to `FER_SETUP_REPORT`, a file, where named.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findInstallation } from "@fer/tfjs-graph/setup";
import { loadTensorFlow } from "@fer/tfjs-graph";

const KILLS = Number(process.env["FER_SETUP_KILLS"] ?? 0);
const child = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

/** Beginnings of the messages of each phase, and about how long it lasts in ms. */
const PHASES = [
  ["download", /^downloading tensorflow/m, 2500],
  ["hash", /^checking/m, 700],
  ["unpack", /^unpacking/m, 4000],
  ["compile", /^compiling/m, 8000],
  ["move", /^moving/m, 60],
] as const;

/** Runs a set-up in a process group of its own; kills the group `delay` ms after it says `cue`. */
function run(cache: string, kill?: { cue: RegExp; delay: number }): Promise<string> {
  return new Promise((resolve) => {
    const setup = spawn(process.execPath, [child("setup-child"), cache], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    let armed = kill !== undefined;
    setup.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (!armed || !kill!.cue.test(printed)) return;
      armed = false;
      setTimeout(() => {
        if (setup.exitCode === null) process.kill(-setup.pid!, "SIGKILL");
      }, kill!.delay);
    });
    setup.on("close", () => resolve(printed));
  });
}

const phaseOf = (printed: string): string | undefined => {
  if (printed.includes('{"schema"')) return undefined;
  return PHASES.findLast(([, said]) => said.test(printed))?.[0];
};

/** Path and SHA-256 of every file below a folder, the compiled addon and the manifest by name only. */
function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const name = file.slice(folder.length);
      if (/\.node$|manifest\.json$/.test(name)) return name;
      return `${name} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
    });
}

describe.skipIf(KILLS === 0 || process.platform !== "linux")("a set-up that is killed", () => {
  it(
    "goes on when repeated, is never taken for whole before, and trains without Python",
    { timeout: 900_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "fer-setup-kill-"));
      try {
        const cache = join(folder, "cache");
        const kills: string[] = [];
        const half: string[] = [];
        const versions = new Set<string>();
        let seed = 5;
        for (let kill = 0; kill < KILLS; kill++) {
          seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
          const [, cue, span] = PHASES[kill % PHASES.length]!;
          const printed = await run(cache, { cue, delay: (seed >>> 8) % span });
          const phase = phaseOf(printed);
          kills.push(phase ?? "after the end");
          const found = findInstallation("cpu", cache);
          // the rename is all of the last phase that can give one
          if (found && phase !== undefined && phase !== "move") half.push(phase);
          if (found) {
            versions.add((await loadTensorFlow(found.folder)).version);
            rmSync(found.folder, { recursive: true });
          }
        }
        expect(half).toEqual([]);
        expect([...versions].filter((version) => version !== "2.21.0")).toEqual([]);
        const last = JSON.parse((await run(cache)).trim().split("\n").at(-1)!);
        const installation = findInstallation("cpu", cache)!;
        // nothing of the killed ones is left
        expect(readdirSync(cache)).toEqual(["2.21.0-cpu"]);

        // two at once: one waits for the other, and both end with the same
        const whole = join(folder, "whole");
        const both = await Promise.all([run(whole), run(whole)]);
        expect(
          both.filter((printed) => /^waiting for process \d+, which is setting up too$/m.test(printed)),
        ).toHaveLength(1);
        expect(both.filter((printed) => /^compiling/m.test(printed))).toHaveLength(1);
        const [uninterrupted] = both.map((printed) => JSON.parse(printed.trim().split("\n").at(-1)!));
        expect(contents(installation.folder)).toEqual(contents(findInstallation("cpu", whole)!.folder));
        rmSync(whole, { recursive: true });

        // no python, no pip, no compiler, nothing
        const empty = join(folder, "empty");
        mkdirSync(empty);
        const env = { ...process.env, PATH: empty, FER_TENSORFLOW: installation.folder };
        expect(execFileSync(process.execPath, [child("train-child")], { env, encoding: "utf8" }).trim()).toBe(
          "trained",
        );

        const report = {
          kills,
          seconds: uninterrupted.seconds,
          lastSeconds: last.seconds,
          downloaded: uninterrupted.downloaded,
          kept: uninterrupted.bytes,
        };
        const { FER_SETUP_REPORT } = process.env;
        if (FER_SETUP_REPORT) {
          mkdirSync(dirname(FER_SETUP_REPORT), { recursive: true });
          writeFileSync(FER_SETUP_REPORT, `${JSON.stringify(report, null, 2)}\n`);
        }
        expect(kills.filter((phase) => phase !== "after the end").length).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
