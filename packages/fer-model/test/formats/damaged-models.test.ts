/** Files of models in every format, cut off and with bytes changed: opened or refused, never more. `FER_DAMAGE=all`: more of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { keyedRandom } from "@fer/core";
import { exportRun } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportedRun } from "./exported-run.ts";

const ROUNDS = process.env["FER_DAMAGE"] === "all" ? 60 : 4;
/** Export, what is opened of it, and what is damaged. */
const FILES = [
  ["keras", "model.keras", "model.keras"],
  ["h5", "keras.h5", "keras.h5"],
  ["h5", "keras.json", "keras.json"],
  ["h5", "keras.json", "keras.h5"],
  ["tfjs", "raw.json", "raw.json"],
  ["tfjs", "raw.json", "network.bin"],
  ["tfjs-graph", "graph.json", "graph.json"],
  ["tfjs-graph", "graph.json", "weights.bin"],
  ["onnx", "model.onnx", "model.onnx"],
] as const;

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-damaged-"));
  await exportedRun(folder, 2);
  for (const as of ["keras", "h5", "tfjs", "tfjs-graph", "onnx"] as const)
    await exportRun(at("run"), { to: at(as), as });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** What became of each path, in a process of its own. */
async function said(paths: readonly string[]): Promise<Map<string, string>> {
  writeFileSync(at("list.json"), JSON.stringify(paths));
  const child = spawn(process.execPath, [join(import.meta.dirname, "open-models.mjs"), at("list.json")], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 200_000,
    killSignal: "SIGKILL",
  });
  const [out, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  const rows = out
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { path: string; said: string });
  // Where it ended early, the file after the last one that it told of did it.
  expect({ code, signal, stuckAt: paths[rows.length] ?? null, errors: code === 0 ? "" : errors.slice(-500) }).toEqual({
    code: 0,
    signal: null,
    stuckAt: null,
    errors: "",
  });
  return new Map(rows.map(({ path, said }) => [path, said]));
}

test("whole files are opened, and damaged ones opened or refused by name", { timeout: 240_000 }, async () => {
  const random = keyedRandom(5, "damaged models");
  const paths: string[] = [];
  const whole: string[] = [];
  for (const [as, opened, damaged] of FILES) {
    whole.push(at(as, opened));
    const bytes = readFileSync(at(as, damaged));
    const cuts = [0, 1, 9, 200, bytes.length / 2, bytes.length - 2].map((end) => bytes.subarray(0, end));
    const changed = Array.from({ length: ROUNDS }, (_, round) => {
      const copy = Buffer.from(bytes);
      // The first bytes say how the rest is read.
      const range = round % 2 === 0 ? copy.length : Math.min(copy.length, 2048);
      for (let flip = 0; flip < 4; flip++) copy[Math.floor(random() * range)] = Math.floor(random() * 256);
      return copy;
    });
    for (const [i, content] of [...cuts, ...changed].entries()) {
      const home = at(`damaged-${as}-${opened}-${damaged}-${i}`);
      cpSync(at(as), home, { recursive: true });
      writeFileSync(join(home, damaged), content);
      paths.push(join(home, opened));
    }
  }
  const found = await said([...whole, ...paths]);
  expect(whole.map((path) => found.get(path))).toEqual(whole.map(() => "opened"));
  const others = paths.filter((path) => !/^(opened$|FerError: )/.test(found.get(path)!));
  expect(others.map((path) => [path, found.get(path)])).toEqual([]);
  const long = paths.filter((path) => found.get(path)!.length > 1200);
  expect(long.map((path) => found.get(path))).toEqual([]);
  // Files that are cut off are never taken for whole ones: six of each format.
  const cut = paths.filter((_, i) => i % (6 + ROUNDS) < 6);
  expect(cut.filter((path) => found.get(path) === "opened")).toEqual([]);
});
