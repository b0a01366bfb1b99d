/**
 * Every file of a run damaged in five ways, and what each reader of runs makes of it: whoever opens the run sees what is
 * missing or of another length, whoever reads a file sees what has changed. Nothing passes in silence.
 */
import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, MANIFEST } from "@fer/core/artifact";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, openRun, writeReport } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";

const options = { architecture: "tiny", engine: "cpu", epochs: 2, batchSize: 16, weights: "last" } as const;

let folder: string;
let set: AssembledSet;
let files: string[];
const path = (name: string) => join(folder, name);
const whole = (name: string) => path(`${name}/run`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-damaged-run-"));
  set = await tinySet(path("set"));
  for (const [name, seed] of [
    ["ours", 1],
    ["other", 2],
  ] as const) {
    const run = await new FerTrainer({ ...options, seed, to: whole(name) }).fit(set);
    await run.evaluate(set, { part: "train" });
  }
  files = [...(await filesBelow(whole("ours"))), MANIFEST];
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const WAYS: Record<string, (file: string, other: string) => Promise<unknown>> = {
  emptied: (file) => truncate(file),
  truncated: async (file) => truncate(file, Math.floor((await readFile(file)).length / 2)),
  async flipped(file) {
    const bytes = await readFile(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await writeFile(file, bytes);
  },
  removed: (file) => rm(file),
  swapped: (file, other) => cp(other, file),
};

const isReport = (file: string): boolean => file === "report.html" || file.startsWith("charts/");

/** Who reads which files, beside the sizes of all. */
const OPENED = ["manifest.json", "config.json", "model.json", "outcome.json", "history.jsonl", "metrics.json"];
const READERS: Record<string, { reads: (file: string) => boolean; use: (run: string) => Promise<unknown> }> = {
  openRun: { reads: (file) => OPENED.includes(file), use: openRun },
  evaluate: {
    reads: (file) => [...OPENED, "last.h5", "last.json", "readings.jsonl"].includes(file),
    use: async (run) => (await openRun(run)).evaluate(set),
  },
  predict: {
    reads: (file) => [...OPENED, "last.h5", "last.json"].includes(file),
    use: async (run) => (await openRun(run)).predict(await set.part("test").read([0])),
  },
  "train again": {
    reads: () => true,
    use: (run) => new FerTrainer({ ...options, to: run }).fit(set),
  },
  report: {
    reads: (file) => [...OPENED, "set.json"].includes(file) || file.startsWith("evaluations/"),
    use: writeReport,
  },
};

test.each(Object.keys(WAYS))(
  "a file that was %s is noticed by whoever needs it",
  async (way) => {
    const log: string[] = [];
    for (const file of files) {
      const run = path("damaged");
      await cp(whole("ours"), run, { recursive: true });
      const before = await readFile(join(run, file));
      await WAYS[way]!(join(run, file), join(whole("other"), file));
      const after = await readFile(join(run, file)).catch(() => null);
      // both runs have some files alike: model.json, architectures
      const isDamaged = after === null || !after.equals(before);
      const isSizeSeen = after === null || after.length !== before.length;
      for (const [reader, { reads, use }] of Object.entries(READERS)) {
        // what is redrawn needs no original
        if (reader === "report" && isReport(file)) continue;
        const mustNotice = isDamaged && (isSizeSeen || reads(file));
        // drawing takes a second
        if (!mustNotice && reader === "report") continue;
        const error = await use(run).then(
          () => null,
          (thrown: Error & { code?: string }) => thrown,
        );
        const seen = error === null ? "nothing" : `${error.code}: ${error.message.replaceAll(folder, "")}`;
        if (mustNotice && !/^(DAMAGED|CANNOT_KEEP|NO_RUN|TARGET_NOT_EMPTY):/.test(seen))
          log.push(`${file}, ${reader}: ${seen}`);
        // whether the manifest is of another run or all other files are, nobody can say
        if (mustNotice && file !== MANIFEST && !seen.includes(file))
          log.push(`${file} is not named, ${reader}: ${seen}`);
        if (!isDamaged && error !== null) log.push(`${file} is as it was, ${reader}: ${seen}`);
      }
      await rm(run, { recursive: true });
    }
    expect(log).toEqual([]);
  },
  300_000,
);

test("a report that was damaged or removed is drawn again", async () => {
  const run = path("redrawn");
  await cp(whole("ours"), run, { recursive: true });
  await rm(join(run, "charts"), { recursive: true });
  await truncate(join(run, "report.html"));
  await expect(openRun(run)).rejects.toThrow("Draw it again with fer report");
  await writeReport(run);
  await openRun(run);
  await new FerTrainer({ ...options, to: run }).fit(set);
});

test("an evaluation that the manifest does not name is not believed, and is healed by its repetition", async () => {
  const run = path("interrupted-evaluation");
  await cp(whole("ours"), run, { recursive: true });
  await cp(join(run, "evaluations/tiny-train.json"), join(run, "evaluations/tiny-test.json"));
  await expect(writeReport(run)).rejects.toThrow("the manifest of the run does not name it");
  await (await openRun(run)).evaluate(set, { part: "test" });
  await writeReport(run);
});

test("a run of a version that wrote no manifest still opens, evaluates and reports", async () => {
  const run = path("early");
  await cp(whole("ours"), run, { recursive: true });
  await rm(join(run, MANIFEST));
  const {
    manifest: _,
    precision: _precision,
    ...config
  } = JSON.parse(await readFile(join(run, "config.json"), "utf8"));
  await writeFile(join(run, "config.json"), JSON.stringify(config));
  await (await openRun(run)).evaluate(set);
  await writeReport(run);
  const again = new FerTrainer({ ...options, to: run }).fit(set);
  await expect(again).rejects.toThrow("it was made by an earlier version");
});

describe("folds", () => {
  let folded: AssembledSet;
  beforeAll(async () => {
    const folds = { ...options, report: false, baselines: false };
    folded = await tinySet(path("folded-set"), { folds: 2 });
    await new FerTrainer({ ...folds, to: path("folds") }).fit(folded);
  });

  test("the run is not opened without each file of each fold", async () => {
    for (const file of await filesBelow(path("folds/fold-02"))) {
      const run = path("fold-damaged");
      await cp(path("folds"), run, { recursive: true });
      await truncate(join(run, "fold-02", file));
      await expect(openRun(run)).rejects.toMatchObject({ code: "DAMAGED" });
      await rm(run, { recursive: true });
    }
  });

  test("a fold in the place of another one is noticed", async () => {
    const run = path("folds-swapped");
    await cp(path("folds"), run, { recursive: true });
    await rename(join(run, "fold-01"), join(run, "kept"));
    await cp(join(run, "fold-02"), join(run, "fold-01"), { recursive: true });
    await expect(openRun(run)).rejects.toThrow("it is not this fold of this run");
  });

  test("evaluating a fold leaves the run of folds whole", async () => {
    await (await openRun(path("folds/fold-01"))).evaluate(folded);
    const copy = await (await openRun(path("folds/fold-01"))).save(path("copy-of-a-fold"));
    expect((await openRun(path("folds"))).metrics!.folds![0]!.accuracy).toBe(copy.metrics!.accuracy);
  });
});
