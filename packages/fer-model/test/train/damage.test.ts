/** What becomes of an unfinished training whose checkpoints were damaged: never another model without a word. */
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedRandom } from "@fer/core";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const options = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 3,
  batchSize: 8,
  report: false,
  baselines: false,
} as const;

let folder: string;
let set: AssembledSet;
let expected: Record<string, string>;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-damage-"));
  set = await tinySet(path("set"), { parts: { train: 96, test: 16 } });
  await new FerTrainer({ ...options, to: path("whole") }).fit(set);
  expected = await tree(path("whole"));
  const controller = new AbortController();
  const callbacks = [
    {
      name: "stop",
      onStepEnd: ({ epoch, step }: { epoch: number; step: number }) =>
        void (epoch === 2 && step === 5 && controller.abort()),
    },
  ];
  const cut = new FerTrainer({ ...options, to: path("cut") }).fit(set, { callbacks, signal: controller.signal });
  await cut.catch(() => {});
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** A copy of the unfinished training; `scratch` is where its checkpoints are. */
async function unfinished(name: string): Promise<{ to: string; checkpoints: string[] }> {
  await cp(path(".cut.partial"), path(`.${name}.partial`), { recursive: true });
  const [work] = await readdir(path(`.${name}.partial`));
  const scratch = join(path(`.${name}.partial`), work!, "scratch");
  const files = (await readdir(scratch)).filter((file) => file.startsWith("state-")).sort();
  return { to: path(name), checkpoints: files.map((file) => join(scratch, file)) };
}

/** Goes on with it; what it said, and where it began. */
async function goOn(to: string) {
  const messages: string[] = [];
  let from = { epoch: 0, step: 0 };
  const run = await new FerTrainer({ ...options, to }).fit(set, {
    onProgress: ({ message }) => void (message !== undefined && messages.push(message)),
    callbacks: [{ name: "from", onTrainBegin: (plan) => void (from = plan.from) }],
  });
  return { run, from, messages };
}

const weights = ({ "best.h5": best, "last.h5": last, "history.csv": history }: Record<string, string>) => ({
  best,
  last,
  history,
});

describe("checkpoints", () => {
  test("the last two are kept, each under the hash of its content", async () => {
    const { checkpoints } = await unfinished("kept");
    expect(checkpoints.map((file) => /state-(\d+)-[0-9a-f]{64}\.safetensors$/.exec(file)?.[1])).toHaveLength(2);
  });

  test("whole ones are gone on with, without a trace", async () => {
    const { to } = await unfinished("undamaged");
    const { from, messages } = await goOn(to);
    expect(from).toEqual({ epoch: 2, step: 5 });
    expect(messages.filter((message) => message.includes("passed over"))).toEqual([]);
    expect(await tree(to)).toEqual(expected);
  });

  test.each([
    ["emptied", (file: string) => truncate(file)],
    ["truncated", async (file: string) => truncate(file, (await readFile(file)).length - 100)],
    ["swapped with the one before", async (file: string, before: string) => cp(before, file)],
    ["removed", (file: string) => rm(file)],
  ])("%s: the one before is taken, and said", async (name, damage) => {
    const { to, checkpoints } = await unfinished(name);
    await damage(checkpoints[1]!, checkpoints[0]!);
    const { run, from, messages } = await goOn(to);
    expect(from).not.toEqual({ epoch: 2, step: 5 });
    expect(weights(await tree(to))).toEqual(weights(expected));
    if (name === "removed") return;
    expect(messages[0]).toMatch(/^the checkpoint after \d+ steps is damaged and was passed over/);
    expect(run.config.sessions).toMatchObject([{ from, notes: [messages[0]] }]);
  });

  test("both damaged: training starts from the beginning, and says so", async () => {
    const { to, checkpoints } = await unfinished("both");
    for (const file of checkpoints) await truncate(file, 50);
    const { run, from, messages } = await goOn(to);
    expect(from).toEqual({ epoch: 1, step: 0 });
    expect(messages.filter((message) => message.includes("passed over"))).toHaveLength(2);
    expect(run.config.sessions![0]!.notes).toHaveLength(2);
    expect(weights(await tree(to))).toEqual(weights(expected));
  });

  test("of 20 flipped bits none is taken for a checkpoint", async () => {
    const next = keyedRandom(3, "bits");
    for (let round = 0; round < 20; round++) {
      const { to, checkpoints } = await unfinished(`bit-${round}`);
      const bytes = await readFile(checkpoints[1]!);
      // the first ones in the header
      const at = Math.floor(next() * (round < 5 ? 200 : bytes.length));
      bytes[at]! ^= 1 << Math.floor(next() * 8);
      await writeFile(checkpoints[1]!, bytes);
      const { messages } = await goOn(to);
      expect(messages[0]).toContain("is damaged and was passed over");
      expect(weights(await tree(to))).toEqual(weights(expected));
    }
  }, 120_000);

  test("a list of earlier calls that was damaged is said", async () => {
    const { to, checkpoints } = await unfinished("sessions");
    await writeFile(join(checkpoints[0]!, "../sessions.json"), "[{");
    const { run } = await goOn(to);
    expect(run.config.sessions![0]!.notes).toEqual([
      "the list of earlier calls was damaged: what the training began with is not known",
    ]);
  });
});
