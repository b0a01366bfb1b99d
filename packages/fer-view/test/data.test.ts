/** What the page is told: the same figures as the files and the other commands, and verdicts that the assembler reads. */
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Metrics, RUN_FILES, RunFolder } from "@fer/core/run";
import { openSet } from "@fer/core/set";
import { compareRuns, findMislabelled, foldPredictions, openRun } from "@fer/model";
import { inspectSet } from "@fer/split-assembler";
import { view, type Viewer } from "@fer/view";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExclusion } from "../../split-assembler/dist/merge/exclude.js";
import type {
  CompareAnswer,
  IndexAnswer,
  OcclusionAnswer,
  PicturesAnswer,
  Refusal,
  ReviewAnswer,
  RunAnswer,
  SamplesAnswer,
  TestedAnswer,
  TwinsAnswer,
} from "../dist/protocol.js";
import { coveredCopies, heatOf, patchPlaces } from "../dist/runs/occlusion.js";
import { VerdictTable } from "../dist/review/verdict-table.js";
import { trainStepByStep } from "./fixtures/step-by-step.ts";
import { makeBundle } from "./fixtures/bundle.ts";
import { CLASSES, HOSTILE, makeWorld, type World } from "./fixtures/world.ts";

let world: World;
let viewer: Viewer;
beforeAll(async () => {
  makeBundle();
  world = await makeWorld();
  viewer = await view({ folder: world.folder });
}, 120_000);
afterAll(async () => {
  await viewer?.close();
  world?.remove();
});

const get = async <T>(route: string, query: Record<string, string | number>): Promise<T> => {
  const words = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return (await (await fetch(`${viewer.url}${route}?${words}`)).json()) as T;
};

describe("a run", () => {
  test("has the scores of its metrics, its baselines and its set", async () => {
    const metrics = (await (await RunFolder.open(join(world.folder, "runs/first"))).json(RUN_FILES.metrics, Metrics))!;
    const run = await get<RunAnswer>("api/run", { path: "runs/first" });
    expect(run.metrics).toEqual(metrics);
    expect(run.rows.map(({ name, values }) => [name, values["accuracy"]])).toEqual([
      ["this network", metrics.accuracy],
      ["ridge regression on raw pixels", metrics.baselines!.ridge!.accuracy],
      ["always the most frequent class", metrics.baselines!.majority.accuracy],
    ]);
    expect(run.rows[0]!.intervals!["accuracy"]).toEqual(metrics.intervals!.accuracy);
    expect([run.set, run.curves[0]!.rows.length, run.state]).toEqual(["features/tiny", 12, "finished"]);
  });

  test("of folds has a curve a fold, and pools them", async () => {
    const run = await get<RunAnswer>("api/run", { path: "runs/folds" });
    expect(run.curves.map(({ fold, rows }) => [fold, rows.length])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
    expect(run.metrics!.count).toBe(48);
  });

  test("has its calibration in bins, whose mean distance is the calibration error of its metrics", async () => {
    const run = await get<RunAnswer>("api/run", { path: "runs/first" });
    const { calibration, count, sources, groups } = await get<TestedAnswer>("api/tested", { path: "runs/first" });
    const error = calibration.reduce(
      (sum, { count: n, confidence, accuracy }) => sum + n * Math.abs((confidence ?? 0) - (accuracy ?? 0)),
      0,
    );
    expect(error / count).toBeCloseTo(run.metrics!.certainty!.calibrationError, 5);
    expect(sources).toMatchObject([{ name: "tiny", count: 48, right: Math.round(run.metrics!.accuracy * 48) }]);
    expect(groups.reduce((sum, { count: n }) => sum + n, 0)).toBe(48);
    expect(groups[0]!.right / groups[0]!.count).toBeLessThanOrEqual(groups.at(-1)!.right / groups.at(-1)!.count);
  });

  test.each(["runs/first", "runs/folds", `runs/${HOSTILE}`])("%s has the faces of every cell", async (path) => {
    const { metrics } = await get<RunAnswer>("api/run", { path });
    for (const [label, row] of metrics!.confusionMatrix.entries())
      for (const [other, count] of row.entries()) {
        const cell = { path, truth: CLASSES[label]!, predicted: CLASSES[other]! };
        const { total, samples, set } = await get<SamplesAnswer>("api/samples", { ...cell, count: 96 });
        expect([total, samples.length]).toEqual([count, count]);
        const open = samples[0] === undefined ? null : await openSet(join(world.folder, set!));
        for (const { face, id } of samples.slice(0, 2)) {
          const part = open!.part(face!.part);
          const rows = [];
          for await (const each of part.rows()) rows.push(each);
          expect(rows[face!.row]!.id).toBe(id);
          expect((await part.labels())[face!.row]).toBe(label);
        }
        open?.close();
      }
  });

  test("has its mistakes by how sure they are", async () => {
    const query = { path: `runs/${HOSTILE}`, which: "wrong", count: 96 };
    const sure = await get<SamplesAnswer>("api/samples", { ...query, order: "sure" });
    const worst = await get<SamplesAnswer>("api/samples", { ...query, order: "worst" });
    expect(sure.total).toBeGreaterThan(1);
    expect(sure.total).toBe(worst.total);
    const confidences = sure.samples.map((each) => each.probabilities[CLASSES.indexOf(each.predicted)]!);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    const truths = worst.samples.map((each) => each.probabilities[CLASSES.indexOf(each.truth)]!);
    expect(truths).toEqual(truths.toSorted((a, b) => a - b));
    expect(sure.samples.every(({ truth, predicted }) => truth !== predicted)).toBe(true);
  });

  test("is held against others as fer compare does", async () => {
    const paths = ["runs/first", `runs/${HOSTILE}`];
    const words = new URLSearchParams(paths.map((path): [string, string] => ["path", path]));
    const found = (await (await fetch(`${viewer.url}api/compare?${words}`)).json()) as CompareAnswer;
    const set = await openSet(join(world.folder, "features/tiny"));
    const expected = await compareRuns(
      paths.map((path) => join(world.folder, path)),
      { set, resamples: 2000 },
    );
    set.close();
    for (const [at, run] of expected.runs.entries()) run.run = paths[at]!;
    expect(found).toEqual(expected);
    const others = new URLSearchParams([
      ["path", "runs/first"],
      ["path", "runs/folds"],
    ]);
    const refused = await fetch(`${viewer.url}api/compare?${others}`);
    const { error } = (await refused.json()) as Refusal;
    expect([refused.status, error.code, error.message.includes(world.folder)]).toEqual([422, "DIFFERENT_TESTS", false]);
    expect(error.message).toMatch(/^runs\/folds: /);
  });
});

describe("a run of folds that trains", () => {
  test("has a curve of each fold, that at work too, and is found again where it was interrupted", async () => {
    const to = join(world.folder, "runs", "going");
    const options = {
      architecture: "tiny",
      engine: "wasm",
      epochs: 2,
      recipe: "none",
      baselines: false,
      report: false,
    };
    const words = { set: join(world.folder, "features/folded"), to, options, cwd: world.folder };
    const training = trainStepByStep(words);
    const curves = async (): Promise<unknown> => {
      const { state, curves: found } = await get<RunAnswer>("api/run", { path: "runs/going" });
      return [state, ...found.map(({ fold, rows }) => `${fold}: ${rows.length}`)];
    };
    expect(await training.next()).toBe(1);
    expect(await curves()).toEqual(["at-work", "1: 0"]);
    training.go();
    expect(await training.next()).toBe(2);
    expect(await curves()).toEqual(["at-work", "1: 1"]);
    training.go();
    expect(await training.next()).toBe(1);
    expect(await curves()).toEqual(["at-work", "1: 2", "2: 0"]);
    training.child.kill("SIGKILL");
    expect(await training.next()).toBeNull();
    expect(await curves()).toEqual(["interrupted", "1: 2", "2: 0"]);
    rmSync(join(world.folder, "runs", ".going.partial"), { recursive: true });
  });
});

describe("a dataset", () => {
  const picture = async (file: string): Promise<[number, string | null]> => {
    const words = new URLSearchParams({ path: "data/own", split: "train", file });
    const answer = await fetch(`${viewer.url}picture?${words}`);
    await answer.arrayBuffer();
    return [answer.status, answer.headers.get("content-type")];
  };

  test("has its pictures by class, and shows nothing else", async () => {
    const query = { path: "data/own", split: "train", expression: "sad" };
    const { total, pictures } = await get<PicturesAnswer>("api/pictures", query);
    expect([total, pictures.map(({ file }) => file)]).toEqual([4, [0, 1, 2, 3].map((at) => `sad/sad-000${at}.png`)]);
    expect(await picture(pictures[0]!.file)).toEqual([200, "image/png"]);
    expect((await picture("../../dataset.json"))[0]).toBe(400);
    expect((await picture("metadata.jsonl"))[0]).toBe(415);
    expect((await picture("sad/none.png"))[0]).toBe(404);
    const sad = join(world.folder, "data/own/train/sad");
    writeFileSync(join(sad, "page.png"), "<!doctype html><script>hacked = 1</script>");
    writeFileSync(join(sad, "drawn.png"), "<svg xmlns='http://www.w3.org/2000/svg' onload='hacked = 1'/>");
    symlinkSync("/etc/hostname", join(sad, "link.png"));
    expect((await picture("sad/page.png"))[0]).toBe(415);
    expect((await picture("sad/drawn.png"))[0]).toBe(415);
    expect((await picture("sad/link.png"))[0]).toBe(403);
  });

  test("or a run that is shown by itself is called after its folder", async () => {
    const own = await view({ folder: join(world.folder, "runs/first") });
    const { folder, entries } = (await (await fetch(`${own.url}api/index`)).json()) as IndexAnswer;
    expect([folder, entries.map(({ path, state }) => [path, state])]).toEqual(["first", [[".", "finished"]]]);
    const run = (await (await fetch(`${own.url}api/run?path=.`)).json()) as RunAnswer;
    expect([run.state, run.set, run.curves[0]!.rows.length]).toEqual(["finished", null, 12]);
    await own.close();
  });
});

describe("the map of what is looked at", () => {
  test("covers every pixel, and weighs a place by the patches over it", () => {
    for (const size of [8, 17, 48, 64]) {
      const { patch, places } = patchPlaces(size);
      const reached = new Set(places.flatMap((from) => Array.from({ length: patch }, (_, i) => from + i)));
      expect([reached.size, Math.max(...reached)]).toEqual([size, size - 1]);
      const even = heatOf(Array.from({ length: places.length ** 2 }).fill(0.25) as number[], size);
      expect(even.every((value) => Math.abs(value - 0.25) < 1e-12)).toBe(true);
    }
    const pixels = Uint8Array.from({ length: 64 }, (_, i) => i);
    const copies = coveredCopies({ pixels, size: 8, channels: 1 });
    expect([...copies.subarray(0, 8)]).toEqual([32, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each(["runs/first", "runs/folds"])("of %s comes from its network", async (path) => {
    const { samples } = await get<SamplesAnswer>("api/samples", { path, count: 1 });
    const map = await get<OcclusionAnswer>("api/occlusion", { path, at: samples[0]!.at });
    expect([map.size, map.heat.length, CLASSES.includes(map.expression)]).toEqual([8, 64, true]);
    expect(map.heat.every(Number.isFinite)).toBe(true);
  });

  test("lies where the label is: over the bright patch", async () => {
    const { samples } = await get<SamplesAnswer>("api/samples", { path: "runs/first", count: 48 });
    const right = samples.filter(({ truth, predicted }) => truth === predicted && truth === CLASSES[0]);
    expect(right.length).toBeGreaterThan(0);
    const { heat } = await get<OcclusionAnswer>("api/occlusion", { path: "runs/first", at: right[0]!.at });
    // The patch of the first class: columns 0 to 2 of rows 2 to 5.
    const place = heat.indexOf(Math.max(...heat));
    expect(place % 8).toBeLessThanOrEqual(3);
  });
});

describe("a set", () => {
  test("has the twins of its parts", async () => {
    const found = await get<TwinsAnswer>("api/twins", { path: "features/mix" });
    const { duplicates } = await inspectSet(join(world.folder, "features/mix"));
    expect(found.exact).toBe(duplicates.exact.acrossSplits);
    const exact = found.pairs.filter(({ kind }) => kind === "exact");
    expect(exact.map(({ train, heldOut }) => [train.source, heldOut.source])).toEqual([
      ["rafdb/train/sad/sad-0000.png", "rafdb/test/sad/sad-0004.png"],
    ]);
  });
});

describe("the review", () => {
  const table = (): string => join(world.folder, "folded.verdicts.csv");
  const say = async (body: object, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${viewer.url}api/verdict`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  };

  test("lists what fer mislabelled lists, the least likely label first", async () => {
    const { items, table: name } = await get<ReviewAnswer>("api/review", { path: "runs/folds", odds: 1 });
    const set = await openSet(join(world.folder, "features/folded"));
    const predictions = await foldPredictions(await openRun(join(world.folder, "runs/folds")), set);
    set.close();
    const expected = findMislabelled(predictions, { odds: 1 });
    expect(expected.length).toBeGreaterThan(1);
    expect(items.map(({ source }) => source)).toEqual(
      expected.map(({ sample }) => predictions.samples[sample]!.source),
    );
    expect([name, items[0]!.said]).toEqual(["folded.verdicts.csv", null]);
  });

  test("writes verdicts that fer assemble --exclude reads, and takes them back", async () => {
    const { items } = await get<ReviewAnswer>("api/review", { path: "runs/folds", odds: 1 });
    const [first, second] = items;
    const path = "runs/folds";
    expect(await say({ path, at: first!.at, verdict: "exclude", corrected: CLASSES[1] })).toBe(200);
    expect(await say({ path, at: second!.at, verdict: "keep" })).toBe(200);
    expect([...(await readExclusion(table())).names]).toEqual([first!.source]);
    const again = await get<ReviewAnswer>("api/review", { path, odds: 1 });
    expect(again.items.slice(0, 2).map(({ said }) => said)).toEqual([
      { verdict: "exclude", corrected: CLASSES[1] },
      { verdict: "keep", corrected: null },
    ]);
    expect(await say({ path, at: first!.at, verdict: null })).toBe(200);
    expect([...(await readExclusion(table())).names]).toEqual([]);
    expect(readdirSync(world.folder).filter((name) => name.includes("verdicts"))).toEqual(["folded.verdicts.csv"]);
  });

  test("many at once are all written", async () => {
    const { items } = await get<ReviewAnswer>("api/review", { path: "runs/folds", odds: 1 });
    const some = items.slice(0, 12);
    await Promise.all(some.map(({ at }) => say({ path: "runs/folds", at, verdict: "exclude" })));
    expect((await readExclusion(table())).names).toEqual(new Set(some.map(({ source }) => source)));
  });

  test("writes nothing for a page of another origin, another type, or what is no verdict", async () => {
    rmSync(table(), { force: true });
    const good = { path: "runs/folds", at: 0, verdict: "exclude" };
    expect(await say(good, { origin: "https://evil.example" })).toBe(403);
    expect(await say(good, { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await say(good, { "content-type": "text/plain" })).toBe(415);
    expect(await say(good, { "content-type": "application/x-www-form-urlencoded" })).toBe(415);
    for (const bad of [
      { ...good, verdict: "maybe" },
      { ...good, at: -1 },
      { ...good, corrected: "joy" },
      { ...good, more: 1 },
      { path: "../folds", at: 0, verdict: "keep" },
    ])
      expect(await say(bad)).toBe(400);
    expect(await say({ ...good, at: 48 })).toBe(404);
    expect(await say({ ...good, path: "x".repeat(70_000) })).toBe(413);
    expect(existsSync(table())).toBe(false);
  });

  test("keeps rows and cells that it does not touch, and refuses another table", async () => {
    const path = join(world.folder, "own.csv");
    const judged = { sample: 'a, "b".png', given: "sad", suggested: "fear", confidence: 0.125, margin: 0.25 };
    writeFileSync(path, "sample,verdict\nold.png,exclude\n");
    const own = new VerdictTable(path);
    await own.say(judged, { verdict: "exclude", corrected: "fear" });
    expect(readFileSync(path, "utf8")).toBe(
      'sample,verdict,given,suggested,confidence,margin,corrected\nold.png,exclude,,,,,\n"a, ""b"".png",exclude,sad,fear,0.125000,0.250000,fear\n',
    );
    expect([...(await own.read()).keys()]).toEqual(["old.png", 'a, "b".png']);
    expect((await readExclusion(path)).names).toEqual(new Set(["old.png", 'a, "b".png']));
    writeFileSync(path, "sample,notes\na.png,mine\n");
    await expect(own.say(judged, null)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: table of verdicts: it has a column "notes". Expected sample, verdict, given, suggested, confidence, margin, corrected. Name another table: fer view --verdicts <file>.]`,
    );
    expect(readFileSync(path, "utf8")).toBe("sample,notes\na.png,mine\n");
  });
});
