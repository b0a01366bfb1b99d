/** SIGKILL at random (seeded) moments: whatever a killed extraction left, the same command ends with the same bytes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { expect, test } from "vitest";
import { png } from "./fixtures/images.js";
import { digests, temporaryFolder, writeTree } from "./fixtures/tree.js";

const child = fileURLToPath(new URL("./fixtures/extract-child.mjs", import.meta.url));
const FACES = 900;
/** `FER_KILLS=20` for a longer run. */
const KILLS = Number(process.env.FER_KILLS ?? 5);

/** Runs an extraction in its own process and kills it `delay` ms after it says `cue` (never, where undefined). */
async function run(from: string, to: string, workers: number, cue?: string, delay = 0): Promise<string> {
  const args = [child, from, to, String(workers)];
  const process = spawn(globalThis.process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let armed = cue !== undefined;
  process.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    if (!armed || !output.includes(cue!)) return;
    armed = false;
    setTimeout(() => process.kill("SIGKILL"), delay);
  });
  await once(process, "close");
  return output;
}

test.each([1, 2])(
  "ends with the same bytes after kills at random moments, with %i workers",
  { timeout: 120_000 },
  async (workers) => {
    const dir = temporaryFolder();
    const names = Array.from({ length: FACES }, (_, i) => [
      `from/${i % 2 === 0 ? "happy" : "sad"}/${i}.png`,
      png(i, 40, 40),
    ]);
    writeTree(dir, Object.fromEntries(names));
    const from = path.join(dir, "from");
    await extract({ adapter: "folders", from, to: path.join(dir, "whole"), workers: 1 });

    let seed = 20 + workers;
    const to = path.join(dir, "to");
    let kills = 0;
    for (; kills < KILLS && !existsSync(to); kills++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      // while it reads, around the end, and while it starts
      const moments: [string, number][] = [
        ["done 256", 150],
        [`done ${FACES}`, 60],
        ["start", 500],
      ];
      const [cue, span] = moments[kills % 3]!;
      await run(from, to, workers, cue, (seed >>> 16) % span);
    }
    expect(kills).toBeGreaterThan(0);
    // a killed process may have published the whole just before: then nothing is left to do
    const published = existsSync(to);
    const { decoded, resumed, total } = JSON.parse((await run(from, to, workers)).trim().split("\n").at(-1)!);
    expect(decoded + resumed).toBe(published ? 0 : total);
    expect(published || resumed > 0).toBe(true);
    expect(digests(to)).toEqual(digests(path.join(dir, "whole")));
    expect(existsSync(path.join(dir, ".to.partial"))).toBe(false);
  },
);
