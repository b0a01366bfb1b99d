/**
 * `kill -9` at random moments of a pipeline, each followed by the same command: the tree must equal that of an
 * uninterrupted run. `FER_KILLS=20` tries twenty moments (three when left out); `FER_SEED` picks others.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";
import { artifactsOf, treeOf } from "../fixtures/tree.js";

const KILLS = Number(process.env["FER_KILLS"] ?? 3);
const SEED = Number(process.env["FER_SEED"] ?? 1);

/** Moments in [0, `seconds`): one in each of `KILLS` equal spans, so that every stage is hit. */
function moments(seconds: number): number[] {
  let state = SEED >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: KILLS }, (_, index) => ((index + random()) / KILLS) * seconds);
}

/** Starts the pipeline, kills it without warning after `seconds`; `false` when it had ended before. */
async function killedAfter(folder: string, seconds: number): Promise<boolean> {
  const child = spawn(process.execPath, [BIN, "pipeline"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  await Promise.race([wait(seconds * 1000), ended]);
  const running = child.exitCode === null;
  child.kill("SIGKILL");
  await ended;
  return running;
}

describe("kill -9 during fer pipeline", () => {
  it(
    `leaves nothing that the same command does not finish, at ${KILLS} random moments`,
    async () => {
      const whole = emptyFolder();
      writeTinyPipeline(whole);
      const started = performance.now();
      expect(await fer(whole, "pipeline")).toMatchObject({ code: 0 });
      const seconds = (performance.now() - started) / 1000;
      const expected = artifactsOf(treeOf(join(whole, "out")));
      expect(Object.keys(expected).length).toBeGreaterThan(70);

      let killed = 0;
      for (const moment of moments(seconds)) {
        const folder = emptyFolder();
        writeTinyPipeline(folder);
        if (await killedAfter(folder, moment)) killed += 1;
        const { code, stderr } = await fer(folder, "pipeline");
        expect({ code, stderr }, `killed after ${moment.toFixed(2)} s`).toMatchObject({ code: 0 });
        expect(artifactsOf(treeOf(join(folder, "out"))), `killed after ${moment.toFixed(2)} s`).toEqual(expected);
      }
      expect(killed).toBeGreaterThanOrEqual(KILLS - 1);
    },
    60_000 + KILLS * 60_000,
  );
});
