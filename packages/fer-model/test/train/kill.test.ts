/** A training that is killed (no handler can run) and started again ends as if nothing had happened. */
import { keyedRandom } from "@fer/core";
import { openRun } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const options = { architecture: "tiny", engine: "cpu", epochs: 3, batchSize: 16, folds: 2 } as const;
const script = `
  const [path, to, options, model, sets] = process.argv.slice(1);
  const { FerTrainer } = await import(model);
  const { openSet } = await import(sets);
  const set = await openSet(path);
  process.stdout.write("started");
  await new FerTrainer({ ...JSON.parse(options), to }).fit(set);
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-kill-"));
  (await tinySet(join(folder, "set"))).close();
  await run(join(folder, "whole"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the training in a process of its own; kills it some milliseconds after it has started. */
function run(to: string, killAfter?: number): Promise<boolean> {
  const modules = ["@fer/model", "@fer/split-assembler/set"].map((name) => import.meta.resolve(name));
  const args = ["--input-type=module", "-e", script, join(folder, "set/tiny"), to, JSON.stringify(options), ...modules];
  // In a folder of its own: a run records the commit of the repository that it is started in.
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  child.stdout.once("data", () => {
    if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code === 0)));
}

test("killed at random moments and repeated, it leaves the bytes of an uninterrupted training", async () => {
  const expected = await tree(join(folder, "whole"));
  const next = keyedRandom(7, "kill");
  const to = join(folder, "killed");
  let kills = 0;
  for (let finished = false; kills < 6 && !finished; kills++) {
    finished = await run(to, next() * 800);
    // Until it is whole, nobody can take it for whole.
    const opened = await openRun(to).then(
      () => tree(to),
      (error: Error) => error.message.includes("no such file") && expected,
    );
    expect(opened).toEqual(expected);
  }
  expect(kills).toBeGreaterThan(0);
  await run(to);
  expect(await tree(to)).toEqual(expected);
}, 180_000);
