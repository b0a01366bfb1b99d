/**
 * SIGKILL at random (seeded) moments of an extraction: started again, it ends with the same bytes as one that nobody
 * interrupted, and no finished picture is decoded (and so written) a second time.
 *
 * `FER_KILLS=20` for a longer run (2 when left out, 5 in CI); `FER_KILLS_REPORT=<file>` keeps what each kill hit, a JSON line each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { expect, test } from "vitest";
import { png } from "./fixtures/images.js";
import { digests, temporaryFolder, writeTree } from "./fixtures/tree.js";

const child = fileURLToPath(new URL("./fixtures/extract-child.mjs", import.meta.url));
const FACES = 900;
const KILLS = Number(process.env.FER_KILLS ?? 2);

interface Outcome {
  /** Of an extraction that came to its end. */
  result?: { decoded: number; resumed: number; total: number };
  /** Milliseconds from its first word to its end. */
  ms: number;
}

/** Runs an extraction in its own process and kills it `delay` ms after its first word (never, where undefined). */
async function run(from: string, to: string, workers: number, delay?: number): Promise<Outcome> {
  const args = [child, from, to, String(workers)];
  const running = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let started = 0;
  running.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    if (started !== 0) return;
    started = performance.now();
    if (delay !== undefined) setTimeout(() => running.kill("SIGKILL"), delay);
  });
  const [code] = (await once(running, "close")) as [number | null];
  const ms = performance.now() - started;
  return code === 0 ? { result: JSON.parse(output.trim().split("\n").at(-1)!), ms } : { ms };
}

/** Pictures that are finished: those of the whole lines of the journal, with the time of their last change. */
function finished(to: string): Map<string, bigint> {
  const partial = path.join(path.dirname(to), `.${path.basename(to)}.partial`);
  const work = existsSync(partial) ? readdirSync(partial).find((name) => name.startsWith("work-")) : undefined;
  const journal = path.join(partial, work ?? "", "scratch", "journal.jsonl");
  if (work === undefined || !existsSync(journal)) return new Map();
  const lines = readFileSync(journal, "utf8").split("\n").slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [head, row] = line.split("\t") as [string, string];
      const { split } = JSON.parse(head) as { split: string };
      const { file_name: name } = JSON.parse(row) as { file_name: string };
      return [
        path.join(split, name),
        statSync(path.join(partial, work, "tree", split, name), { bigint: true }).ctimeNs,
      ];
    }),
  );
}

const changeOf = (to: string, file: string): bigint => statSync(path.join(to, file), { bigint: true }).ctimeNs;

test.each([1, 2])(
  `ends with the same bytes after each of ${KILLS} kills at random moments, with %i workers`,
  { timeout: 60_000 + KILLS * 20_000 },
  async (workers) => {
    const dir = temporaryFolder();
    const names = Array.from({ length: FACES }, (_, i) => [
      `from/${i % 2 === 0 ? "happy" : "sad"}/${i}.png`,
      png(i, 40, 40),
    ]);
    writeTree(dir, Object.fromEntries(names));
    const from = path.join(dir, "from");
    const whole = path.join(dir, "whole");
    await extract({ adapter: "folders", from, to: whole, workers: 1 });
    const expected = digests(whole);
    const { ms } = await run(from, path.join(dir, "timed"), workers);

    let seed = 20 + workers;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const kills: { workers: number; at: number; finished: number; decoded: number; resumed: number }[] = [];
    let late = 0;
    let share = 1;
    let again = 0;
    while (kills.length < KILLS) {
      expect(late).toBeLessThan(20 + 4 * KILLS);
      const to = path.join(dir, `to-${kills.length}-${late}`);
      // one in each of so many equal spans; earlier where the extraction was faster than the one that was timed
      const at = Math.round(((kills.length + random()) / KILLS) * ms * share);
      const killed = await run(from, to, workers, at);
      // one that ended before it was killed counts for nothing
      if (killed.result !== undefined || existsSync(to)) {
        late += 1;
        share *= 0.85;
        continue;
      }
      share = 1;
      const kept = finished(to);
      const { result } = await run(from, to, workers);
      again += [...kept].filter(([file, change]) => changeOf(to, file) !== change).length;
      expect(result).toEqual({ decoded: FACES - kept.size, resumed: kept.size, total: FACES });
      expect(digests(to)).toEqual(expected);
      expect(existsSync(path.join(dir, `.${path.basename(to)}.partial`))).toBe(false);
      kills.push({ workers, at, finished: kept.size, decoded: result!.decoded, resumed: result!.resumed });
    }
    expect(again).toBe(0);
    // some of them in the middle
    expect(kills.some((kill) => kill.finished > 0)).toBe(true);
    const { FER_KILLS_REPORT } = process.env;
    if (FER_KILLS_REPORT) appendFileSync(FER_KILLS_REPORT, kills.map((kill) => `${JSON.stringify(kill)}\n`).join(""));
  },
);

test("goes on after it was killed again and again", { timeout: 120_000 }, async () => {
  const dir = temporaryFolder();
  const pictures = Array.from({ length: FACES }, (_, i) => [`from/happy/${i}.png`, png(i, 40, 40)]);
  writeTree(dir, Object.fromEntries(pictures));
  const [from, to] = [path.join(dir, "from"), path.join(dir, "to")];
  await extract({ adapter: "folders", from, to: path.join(dir, "whole"), workers: 1 });
  const { ms } = await run(from, path.join(dir, "timed"), 1);
  let kept = new Map<string, bigint>();
  for (let kill = 0; kill < 4 && !existsSync(to); kill++) {
    await run(from, to, 1, Math.round(ms * (0.3 + 0.15 * kill)));
    const now = existsSync(to) ? kept : finished(to);
    // what was finished stays as it was, and grows
    for (const [file, change] of kept) expect(now.get(file)).toBe(change);
    kept = now;
  }
  await run(from, to, 2);
  expect([...kept].filter(([file, change]) => changeOf(to, file) !== change)).toEqual([]);
  expect(digests(to)).toEqual(digests(path.join(dir, "whole")));
});
