/** Event files: record by record, after interruptions, and as the real TensorBoard reads them (FER_TRACKERS). */
import { openSet } from "@fer/core/set";
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Callback, FerTrainer, type Run, tensorBoard } from "../../dist/index.js";
import { readEvent } from "../../dist/tracking/event.js";
import { framedRecords } from "../../dist/tracking/tfrecord.js";
import { tinySet } from "../tiny-set.js";

/** A Python with TensorBoard and MLflow. */
const python = process.env["FER_TRACKERS"];

const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"images": 0, "tensors": 0, "scalars": 0}).Reload()
tags = events.Tags()
print(json.dumps({
    "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
    "images": {tag: [[e.step, e.width, e.height, e.encoded_image_string[:4].hex()] for e in events.Images(tag)] for tag in tags["images"]},
    "texts": {tag: events.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in tags["tensors"]},
}))
`;

interface Read {
  scalars: Record<string, [step: number, value: number][]>;
  images: Record<string, [step: number, width: number, height: number, signature: string][]>;
  texts: Record<string, string>;
}

async function readByTensorBoard(folder: string): Promise<Read> {
  const { stdout } = await promisify(execFile)(python!, ["-c", READ, folder], { maxBuffer: 1e8 });
  return JSON.parse(stdout) as Read;
}

let folder: string;
let run: Run;
const at = (...names: string[]): string => join(folder, ...names);
const stepsOf = (part: string): number[] =>
  Array.from(framedRecords(readFileSync(at("logs/first", part, "events.out.tfevents.0.fer")))).map(
    ({ record }) => readEvent(record).step,
  );

const options = (to: string, epochs = 4) => ({
  to: at(to),
  epochs,
  batchSize: 16,
  architecture: "tiny" as const,
  engine: "cpu" as const,
  report: false,
  views: 1 as const,
});

async function track(to: string, { name, before = [] }: { name?: string; before?: Callback[] } = {}) {
  const set = await openSet(at("features/tiny"));
  const trainer = new FerTrainer(options(to));
  const tracker = tensorBoard(at("logs"), { to: at(to), name, options: trainer.optionsFor(set).options });
  try {
    const made = await trainer.fit(set, { callbacks: [...before, tracker.callback] });
    await tracker.finish(made, { set });
    return made;
  } finally {
    set.close();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-tensorboard-"));
  (await tinySet(at("features"), { size: 24 })).close();
  run = await track("runs/first");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("writes a point an epoch, and the test part once", () => {
  expect(stepsOf("train")).toEqual([0, 0, 1, 2, 3, 4]);
  expect(stepsOf("validation")).toEqual([0, 0, 1, 2, 3, 4]);
  expect(stepsOf("test")).toEqual([0, 0, 4]);
});

it("tells nothing twice where the run is there already", async () => {
  const size = statSync(at("logs/first/train/events.out.tfevents.0.fer")).size;
  expect((await track("runs/first")).reused).toBe(true);
  expect(statSync(at("logs/first/train/events.out.tfevents.0.fer")).size).toBe(size);
});

it("cuts off what a crash left half-written, and goes on", async () => {
  const file = at("logs/first/train/events.out.tfevents.0.fer");
  const whole = readFileSync(file);
  appendFileSync(file, whole.subarray(whole.length - 30, whole.length - 5));
  await track("runs/first");
  expect(readFileSync(file)).toEqual(whole);
});

it("an interrupted training goes on in its file, each epoch once", async () => {
  const stopped = new AbortController();
  const set = await openSet(at("features/tiny"));
  const trainer = new FerTrainer(options("runs/stopped"));
  const tracker = tensorBoard(at("logs"), { to: at("runs/stopped"), name: "stopped", options: {} });
  const stop: Callback = { name: "stop", onEpochEnd: ({ epoch }) => void (epoch === 2 && stopped.abort()) };
  await expect(trainer.fit(set, { callbacks: [tracker.callback, stop], signal: stopped.signal })).rejects.toThrow(
    /stopped/,
  );
  set.close();
  expect((await track("runs/stopped", { name: "stopped" })).history).toHaveLength(4);
  const records = framedRecords(readFileSync(at("logs/stopped/train/events.out.tfevents.0.fer")));
  expect(Array.from(records, ({ record }) => readEvent(record).step)).toEqual([0, 0, 1, 2, 3, 4]);
});

it("refuses the events of another run, before it trains", async () => {
  await expect(track("runs/other", { name: "first" })).rejects.toThrow(
    /events of the run .*runs\/first\. Expected none/,
  );
  expect(existsSync(at("runs/other"))).toBe(false);
});

describe.skipIf(!python)("TensorBoard (FER_TRACKERS)", () => {
  it("shows the history, the scores, the pictures and the options", { timeout: 120_000 }, async () => {
    const train = await readByTensorBoard(at("logs/first/train"));
    const losses = train.scalars["epoch_loss"]!;
    expect(losses.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    for (const [i, [, value]] of losses.entries()) expect(value).toBeCloseTo(run.history[i]!.loss, 5);
    expect(train.texts["run"]).toContain("| architecture | tiny |");
    const test = await readByTensorBoard(at("logs/first/test"));
    expect(test.scalars["test_accuracy"]![0]![1]).toBeCloseTo(run.metrics!.accuracy, 6);
    expect(test.images["confusion_matrix"]).toEqual([[4, expect.any(Number), expect.any(Number), "89504e47"]]);
    const wrong = run.metrics!.count * (1 - run.metrics!.accuracy);
    expect("misclassified" in test.images).toBe(wrong > 0.5);
  });
});
