/**
 * A training that is killed (no handler can run) or stopped and started again ends as if nothing had happened.
 * `FER_KILLS=20` for more kills than two (CI takes five); `FER_KILLS_REPORT` names a file for what they hit.
 */
import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedRandom } from "@fer/core";
import { openRun } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";
import { type FitEvent, fitProcess, type FitProcessOptions } from "./fit-process.ts";

const KILLS = Number(process.env["FER_KILLS"] ?? 2);
const base = { architecture: "tiny", engine: "cpu", batchSize: 8 } as const;
const TRAININGS = {
  /** 36 steps an epoch, everything that has a state in it. */
  "one run": {
    ...base,
    epochs: 4,
    mixup: 0.2,
    ema: 0.9,
    patience: 3,
    schedule: { name: "plateau", patience: 1 },
    valShare: 0.2,
  },
  folds: { ...base, batchSize: 16, epochs: 3, report: false },
  /** A mean of epochs in the checkpoint, velocities of Muon, two passes a step. */
  "averaged epochs": {
    ...base,
    batchSize: 16,
    epochs: 4,
    optimizer: { name: "muon" },
    sam: 0.05,
    swa: 0.3,
    focal: 1,
    crop: 6,
    cutmix: 1,
    report: false,
  },
  /** Sums of gradients between the parts of an update, nets of two sizes, targets that a run gave. */
  taught: {
    ...base,
    accumulate: 2,
    batchSize: 12,
    epochs: 4,
    crop: 7,
    sizes: [6],
    ema: 0.99,
    teacherShare: 0.4,
    report: false,
  },
} as const;

const folder = await mkdtemp(join(tmpdir(), "fer-kill-"));
const teacher = join(folder, "teacher");
beforeAll(async () => {
  (await tinySet(join(folder, "set"), { parts: { train: 360, test: 40 } })).close();
  (await tinySet(join(folder, "set"), { name: "folded", parts: { all: 400 }, folds: 2 })).close();
  const teaching = { ...base, epochs: 1, report: false };
  await fitProcess({ set: join(folder, "set", "tiny"), to: teacher, options: teaching, cwd: folder }).ended;
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.entries(TRAININGS))("%s", (name, options) => {
  const path = (each: string) => join(folder, `${name} ${each}`);
  const given = name === "taught" ? { ...options, teacher: [teacher] } : options;
  const set = () => join(folder, "set", name === "folds" ? "folded" : "tiny");
  const fit = (to: string, more: Partial<FitProcessOptions> = {}) =>
    fitProcess({ set: set(), to: path(to), options: given, cwd: folder, ...more });
  let expected: Record<string, string>;
  beforeAll(async () => {
    const last = (await fit("whole").ended).at(-1)!;
    if (last.event !== "end") throw new Error(JSON.stringify(last));
    expected = await tree(path("whole"));
  }, 120_000);

  test(`killed at ${KILLS} random moments and repeated, it leaves the bytes of an uninterrupted training`, async () => {
    const next = keyedRandom(7, "kill", name);
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const to = `killed-${round}`;
      for (let finished = false; !finished;) {
        // Mostly after some steps, else at any time from its start on; each process gets a little further.
        const steps = next() < 0.75 ? Math.floor(next() * 50) : Number.POSITIVE_INFINITY;
        const wait = next() * (steps < 50 ? 20 : 3000);
        let seen = 0;
        const { child, ended } = fit(to, {
          onEvent: ({ event }, process) => {
            const isMoment = event === "begin" ? steps > 50 : event === "step" && seen++ === steps;
            if (isMoment && kills < KILLS) setTimeout(() => process.kill("SIGKILL"), wait);
          },
        });
        const events = await ended;
        const at = events.findLast(({ event }) => event === "step" || event === "from");
        finished = events.at(-1)?.event === "end";
        expect(finished ? "finished" : child.signalCode).toBe(finished ? "finished" : "SIGKILL");
        if (!finished) {
          kills++;
          await report(`${name}: killed at ${JSON.stringify(at ?? events.at(-1))}`);
        }
        // Until it is whole, nobody can take it for whole.
        const opened = await openRun(path(to)).then(
          () => tree(path(to)),
          (error: Error) => error.message.includes("no such file") && expected,
        );
        expect(opened).toEqual(expected);
      }
      expect(await tree(path(to))).toEqual(expected);
    }
    expect((await readdir(folder)).filter((each) => each.startsWith("."))).toEqual([]);
  }, 600_000);

  test("stopped by a signal it ends after the step, says how to go on, and goes on", async () => {
    const next = keyedRandom(8, "stop", name);
    for (let stop = 0; stop < Math.ceil(KILLS / 2); stop++) {
      const to = `stopped-${stop}`;
      const wanted = 1 + Math.floor(next() * 60);
      let steps = 0;
      const first = await fit(to, {
        onEvent: ({ event }, process) => {
          if (event === "step" && ++steps === wanted) process.kill("SIGINT");
        },
      }).ended;
      expect(first.at(-1)).toMatchObject({
        event: "error",
        code: "ABORTED",
        message: expect.stringContaining("Run the same training again: it goes on where it was stopped"),
      });
      const stepOf = (event?: FitEvent) => (event !== undefined && "step" in event ? event : { epoch: 0, step: 0 });
      const last = stepOf(first.findLast(({ event }) => event === "step"));
      const from = stepOf((await fit(to).ended).find(({ event }) => event === "from"));
      // in the same epoch it goes on with the next step, else with the first of the next
      expect(from.step).toBe(from.epoch === last.epoch ? last.step : 0);
      expect(await tree(path(to))).toEqual(expected);
    }
  }, 600_000);
});

async function report(line: string): Promise<void> {
  const file = process.env["FER_KILLS_REPORT"];
  if (file !== undefined) await appendFile(file, `${line}\n`);
}
