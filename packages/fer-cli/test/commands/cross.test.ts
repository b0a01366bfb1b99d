/** `fer cross`: every model on every set, what cannot be asked, and its tables. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const fer = (...words: string[]) => warmFer(folder, ...words);
const SETS = "features/parts,features/folds";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-cross-"));
  writeFaces(at("faces"));
  await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces", "--quiet");
  const assemble = ["assemble", "data/faces", "--to", "features", "--quiet"];
  await fer(...assemble, "--name", "parts", "--split", "subject");
  await fer(...assemble, "--name", "folds", "--split", "subject-kfold", "--folds", "2");
  const short = "--engine cpu --epochs 1 --architecture tiny --no-report --views 1 --val-share 0.3".split(" ");
  await fer("train", "features/parts", ...short, "--to", "runs/one");
  await fer("export", "runs/one", "--as", "tfjs", "--to", "exported");
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  model: string;
  set: string;
  part: string;
  metrics: { accuracy: number; count: number; seen?: { images: number } | null } | null;
}

it("measures each on each, and reads nothing twice", { timeout: 240_000 }, async () => {
  const words = ["cross", "runs/one", "exported", "--on", SETS, "--engine", "cpu"];
  const { code, stdout } = await fer(...words, "--json");
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as Row[];
  expect(rows.map(({ model, set, part }) => [model, set, part])).toEqual([
    ["runs/one", "parts", "test"],
    ["runs/one", "folds", "all"],
    ["exported", "parts", "test"],
    ["exported", "folds", "all"],
  ]);
  const own = JSON.parse(readFileSync(at("runs/one/metrics.json"), "utf8")) as { accuracy: number };
  expect(rows[0]!.metrics!.accuracy).toBe(own.accuracy);
  expect(rows[1]!.metrics!.seen!.images).toBeGreaterThan(0);
  expect(rows[3]!.metrics!.seen).toEqual(rows[1]!.metrics!.seen);
  // the exported model is the same one, and knows as much of what it was trained on
  expect(rows[3]!.metrics!.accuracy).toBe(rows[1]!.metrics!.accuracy);
  const readings = readFileSync(at("runs/one/readings.jsonl"), "utf8");
  const again = await fer(...words);
  expect(readFileSync(at("runs/one/readings.jsonl"), "utf8")).toBe(readings);
  expect(again.stdout).toMatch(/^parts, test part: \d+ images; folds, all of it: \d+ images\. In brackets/);
  const row = (model: string): string => new RegExp(`^${model} +(.*)$`, "m").exec(again.stdout)![1]!;
  expect(row("exported")).toBe(row("runs/one"));
});

it("names what a model cannot be asked, and makes tables for papers", { timeout: 240_000 }, async () => {
  writeFileSync(
    at("exported/model.json"),
    readFileSync(at("exported/model.json"), "utf8").replaceAll('"fear"', '"dread"'),
  );
  const words = ["cross", "runs/one", "exported", "--on", "features/parts", "--engine", "cpu"];
  const latex = await fer(...words, "--format", "latex");
  expect(latex).toMatchObject({ code: 0, stdout: expect.stringContaining("exported & - & - & - \\\\") });
  const csv = (await fer(...words, "--format", "csv")).stdout.trim().split("\n");
  expect(csv.map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
    "model,set,part",
    "runs/one,parts,test",
    "exported,parts,test",
  ]);
  expect(csv[2]).toContain("fear");
  expect((await fer("cross", "exported", "--on", "features/parts", "--engine", "cpu")).code).toBe(1);
  const nothing = await fer("cross", "@fer/nothing", "--on", "features/parts");
  expect(nothing.stderr).toContain("@fer/nothing: no such file or folder");
});

const PEER = `let calls = 0;
export const name = "always happy";
export const classes = ["Happiness", "sad", "angry", "disgust", "fear", "surprise", "neutral"];
export const trainedOn = "nothing";
export function predict({ images, count, size, channels }) {
  if (images.length !== count * size * size * channels || size !== 48 || channels !== 1) throw new Error("what images?");
  calls += 1;
  return Array.from({ length: count }, () => [1, 0, 0, 0, 0, 0, 0]).flat();
}
export const dispose = () => console.error("asked " + calls + " times");
`;

it("asks peers, which are modules", { timeout: 240_000 }, async () => {
  writeFileSync(at("happy.mjs"), PEER);
  const { code, stdout, stderr } = await fer("cross", "peer:./happy.mjs", "runs/one", "--on", SETS, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/asked \d+ times/) });
  const rows = JSON.parse(stdout) as {
    model: string;
    trainedOn: string | null;
    metrics: { accuracy: number; count: number; seen: unknown; support: Record<string, number> };
  }[];
  expect(rows.map(({ model, trainedOn }) => [model, trainedOn])).toEqual([
    ["always happy", "nothing"],
    ["always happy", "nothing"],
    ["runs/one", null],
    ["runs/one", null],
  ]);
  for (const { metrics } of rows.slice(0, 2)) {
    expect(metrics.accuracy).toBeCloseTo(metrics.support["happy"]! / metrics.count, 12);
    expect(metrics.seen).toBe(null);
  }
  const text = await fer("cross", "peer:happy.mjs", "--on", "features/parts");
  expect(text.stdout).toContain("unknown (trained on nothing)");
});

it("says what is wrong with a peer", { timeout: 240_000 }, async () => {
  const wrong = async (name: string, text: string): Promise<string | undefined> => {
    writeFileSync(at(name), text);
    const { code, stdout, stderr } = await fer("cross", `peer:./${name}`, "--on", "features/parts");
    expect(code).toBeGreaterThan(0);
    return (stderr + stdout).split("\n").findLast((line) => line.includes(name));
  };
  expect(await wrong("empty.mjs", "export const classes = 7;\n")).toMatchInlineSnapshot(
    `"error: ./empty.mjs: classes: Invalid input: expected array, received number; predict: is not a function. Expected classes (names in the order of the outputs) and predict({ images, count, size, channels }), which returns count * classes probabilities."`,
  );
  expect(await wrong("throws.mjs", 'throw new Error("no weights here");\n')).toMatchInlineSnapshot(
    `"error: ./throws.mjs: no weights here. Expected classes (names in the order of the outputs) and predict({ images, count, size, channels }), which returns count * classes probabilities."`,
  );
  const nameless = PEER.replace(/export const name.*\n/, "");
  expect(await wrong("short.mjs", nameless.replace("0, 0, 0]", "0]"))).toMatchInlineSnapshot(
    `"error: peer:./short.mjs: 5 outputs an image. Expected 7, one a class."`,
  );
  expect(await wrong("logits.mjs", nameless.replace("[1, 0", "[7, 0"))).toMatchInlineSnapshot(
    `"error: peer:./logits.mjs: outputs that sum to 7.00. Expected probabilities, which sum to 1. Make predict return the softmax of logits."`,
  );
  expect(await wrong("text.mjs", nameless.replace(/return .*/, "return 'happy';"))).toMatchInlineSnapshot(
    `"error: peer:./text.mjs: predict gave a value of the type string. Expected an array of count * classes probabilities."`,
  );
  expect(await wrong("fewer.mjs", nameless.replace('"sad", ', '"calm", '))).toMatchInlineSnapshot(
    `"peer:./fewer.mjs on parts: set parts: the classes sad, which the model does not have. Expected those of the model: happy, calm, anger, disgust, fear, surprise, neutral. Assemble the set with the model's classes; outputs that are called otherwise are named in <file>.fer.json, by the classes of a peer, or with --classes of fer evaluate."`,
  );
  const missing = await fer("cross", "peer:./nowhere.mjs", "--on", "features/parts");
  expect(missing.stderr.split("\n")[0]).toMatchInlineSnapshot(
    `"error: ./nowhere.mjs: no such file. Expected a module that exports classes (names in the order of the outputs) and predict({ images, count, size, channels }), which returns count * classes probabilities."`,
  );
});
