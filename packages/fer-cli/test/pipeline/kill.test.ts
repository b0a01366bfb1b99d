/**
 * `kill -9` at random moments of a pipeline, each followed by the same command: the tree must equal that of an
 * uninterrupted run. `FER_KILLS=20` tries twenty moments (two when left out, five in CI); `FER_SEED` picks others.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";
import { artifactsOf, treeOf } from "../fixtures/tree.js";

const KILLS = Number(process.env["FER_KILLS"] ?? 2);
const SEED = Number(process.env["FER_SEED"] ?? 1);

/** Moments as shares of the whole: one in each of `KILLS` equal spans, so that every stage is hit. */
function moments(): number[] {
  let state = SEED >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: KILLS }, (_, index) => (index + random()) / KILLS);
}

/** Starts the pipeline in a new folder and kills it without warning after `seconds`; `undefined` when it was faster. */
async function killedAfter(seconds: number): Promise<string | undefined> {
  const folder = emptyFolder();
  writeTinyPipeline(folder);
  const child = spawn(process.execPath, [BIN, "pipeline"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  await Promise.race([wait(seconds * 1000), ended]);
  const running = child.exitCode === null;
  child.kill("SIGKILL");
  await ended;
  return running ? folder : undefined;
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

      for (const share of moments()) {
        let moment = share * seconds;
        let folder = await killedAfter(moment);
        // The load of the machine changes: a run that was over before its moment does not count.
        for (; folder === undefined; folder = await killedAfter(moment)) moment *= 0.85;
        const { code, stderr } = await fer(folder, "pipeline");
        expect({ code, stderr }, `killed after ${moment.toFixed(2)} s`).toMatchObject({ code: 0 });
        expect(artifactsOf(treeOf(join(folder, "out"))), `killed after ${moment.toFixed(2)} s`).toEqual(expected);
      }
    },
    60_000 + KILLS * 60_000,
  );
});
