/** The log of what a run was measured on. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Reading, readReadings, RunFolder } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, openRun, type Run } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = { architecture: "tiny", engine: "cpu", epochs: 1, report: false, baselines: false, views: 1 } as const;

let folder: string;
let set: AssembledSet;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-readings-"));
  set = await tinySet(join(folder, "set"));
  run = await new FerTrainer({ ...base, to: join(folder, "run") }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const logOf = async (of: Run) => readReadings(await RunFolder.open(of.folder));

test("each measurement is a line, in the order in which they were made", async () => {
  const copy = await run.save(join(folder, "logged"));
  expect(await logOf(copy)).toEqual([]);
  const before = new Date().toISOString();
  const metrics = await copy.evaluate(set);
  await copy.evaluate(set, { part: "train" });
  await copy.evaluate(set);
  const log = await logOf(copy);
  expect(log.map(({ part }) => part)).toEqual(["test", "train", "test"]);
  const { fingerprint } = set.info;
  expect(log[0]).toEqual({
    at: log[0]!.at,
    set: "tiny",
    fingerprint,
    part: "test",
    count: 16,
    accuracy: metrics.accuracy,
  });
  const times = log.map(({ at }) => at);
  expect([before, ...times, new Date().toISOString()].toSorted()).toEqual([before, ...times, new Date().toISOString()]);
  const lines = (await readFile(join(copy.folder, "readings.jsonl"), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => Reading.parse(JSON.parse(line)))).toEqual(log);
});

test("measurements at a time are all logged", async () => {
  const copy = await run.save(join(folder, "together"));
  await Promise.all([copy.evaluate(set), copy.evaluate(set, { part: "train" }), copy.evaluate(set)]);
  expect((await logOf(copy)).map(({ part }) => part).toSorted()).toEqual(["test", "test", "train"]);
});

test("an interruption between two files loses no line", async () => {
  const copy = await run.save(join(folder, "interrupted"));
  await copy.evaluate(set);
  const { manifest } = await RunFolder.open(copy.folder);
  await manifest!.update({ removed: ["readings.jsonl", "evaluations/tiny-test.json"] });
  await (await openRun(copy.folder)).evaluate(set);
  expect(await logOf(copy)).toHaveLength(2);
});

test("a log that was edited is refused", async () => {
  const copy = await run.save(join(folder, "edited"));
  await copy.evaluate(set);
  const file = join(copy.folder, "readings.jsonl");
  await writeFile(file, (await readFile(file, "utf8")).replace('"test"', '"best"'));
  await expect(copy.evaluate(set)).rejects.toMatchObject({ code: "DAMAGED" });
  // and stays so: the manifest still names it
  await expect(logOf(copy)).rejects.toMatchObject({ code: "DAMAGED" });
});

const isRoot = process.getuid?.() === 0;
test.skipIf(process.platform === "win32")(
  "a run that cannot be written is measured, and that nothing is kept is said",
  async () => {
    const copy = await run.save(join(folder, "locked"));
    await chmod(folder, 0o555);
    await chmod(copy.folder, 0o555);
    const before = await tree(copy.folder);
    const notes: string[] = [];
    // root may write everywhere; another user must be let into the folder of the tests
    const outer = dirname(folder);
    const { mode } = await stat(outer);
    if (isRoot) await chmod(outer, 0o711);
    if (isRoot) process.seteuid!(65_534);
    try {
      const metrics = await copy.evaluate(set, { onNote: (text) => notes.push(text) });
      expect(metrics.accuracy).toBe(run.metrics!.accuracy);
    } finally {
      if (isRoot) process.seteuid!(0);
      if (isRoot) await chmod(outer, mode);
      await chmod(folder, 0o755);
      await chmod(copy.folder, 0o755);
    }
    expect(notes).toEqual([
      `${copy.folder} cannot be written: the result is not kept, and that it was measured is not logged`,
    ]);
    expect(await tree(copy.folder)).toEqual(before);
  },
);
