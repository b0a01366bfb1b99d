/**
 * Ctrl-C at random moments of `fer train`, from its first line to its end: how long until the process has ended, and
 * whether the same command then ends with the bytes of a training that was not interrupted. Goal: a step and 300 ms.
 *
 *     FER_BENCH_TRIES=20      FER_BENCH_ENGINES="tensorflow:fer-vgg onnx:fer-vgg wasm:tiny"      FER_BENCH_SEED=1
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { benchEngine, selectEngine } from "@fer/model";
import { ckplusSet } from "./peers/ckplus_set.mjs";
import { median } from "./peers/median.mjs";

export const title = "Ctrl-C of a training: time to exit, and what the same command makes of it";
export const peers = "an uninterrupted training of the same options (ratio: largest time / one step)";

const TRIES = Number(process.env.FER_BENCH_TRIES ?? 20);
const ENGINES = (process.env.FER_BENCH_ENGINES ?? "tensorflow:fer-vgg onnx:fer-vgg wasm:tiny").split(" ");
const FER = fileURLToPath(new URL("../packages/fer-cli/bin/fer.js", import.meta.url));
const BATCH = 32;

/** Numbers in [0, 1), the same every time. */
function random(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Starts `fer train`; `begun` is when it says on what it trains, `ended` when the process has gone. */
function train({ set, engine, net, to }) {
  const words = ["train", set, "--to", to, "--architecture", net, "--engine", engine, "--epochs", "3"];
  const child = spawn(process.execPath, [FER, ...words, "--batch-size", String(BATCH)], {
    stdio: ["ignore", "ignore", "pipe"],
    // A run notes the commit of the folder that it is started in, which may move meanwhile.
    cwd: tmpdir(),
  });
  let stderr = "";
  let heard;
  const begun = new Promise((resolve) => (heard = resolve));
  child.stderr.on("data", (piece) => {
    stderr += piece;
    if (stderr.includes("engine ")) heard(performance.now());
  });
  const exited = new Promise((resolve) => child.once("exit", () => resolve(performance.now())));
  const ended = new Promise((resolve) => child.once("close", (code, by) => resolve({ code: code ?? by, stderr })));
  return { child, begun, exited, ended };
}

/** The bytes of a run, apart from the report, which shows times. */
function bytesOf(folder) {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const name = relative(folder, file);
    if (name === "report.html") continue;
    let bytes = readFileSync(file);
    if (name === "manifest.json") {
      const { seal: _, files: listed, ...rest } = JSON.parse(bytes);
      delete listed["report.html"];
      bytes = JSON.stringify({ ...rest, listed });
    }
    hash.update(`${name}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/** One training that is stopped after a share of its time, and goes on. */
async function interrupted(task, { share, milliseconds }) {
  for (let moment = share * milliseconds; ; moment *= 0.9) {
    const { child, begun, exited, ended } = train(task);
    await begun;
    await Promise.race([sleep(moment), ended]);
    const pressed = performance.now();
    // it may have ended before, where the machine has become faster
    if (!child.kill("SIGINT") || child.exitCode !== null) {
      await ended;
      rmSync(task.to, { recursive: true, force: true });
      continue;
    }
    const took = (await exited) - pressed;
    const { code, stderr } = await ended;
    // a process that is leaving hears nobody: its run is whole by then
    if (code === 0 || (code === "SIGINT" && existsSync(join(task.to, "manifest.json")))) {
      rmSync(task.to, { recursive: true, force: true });
      continue;
    }
    if (![130, "SIGINT"].includes(code) || !stderr.includes("the same command goes on where it was stopped"))
      throw new Error(`stopped after ${moment.toFixed(0)} ms it ended with ${code}: ${stderr}`);
    const again = await train(task).ended;
    if (again.code !== 0) throw new Error(`stopped after ${moment.toFixed(0)} ms it does not go on: ${again.stderr}`);
    return took;
  }
}

export async function run({ log }) {
  const out = mkdtempSync(join(tmpdir(), "fer-bench-interrupts-"));
  const rows = [];
  try {
    (await ckplusSet(out)).close();
    const set = join(out, "features", "ckplus");
    for (const of of ENGINES) {
      const [name, net] = of.split(":");
      const { engine } = await selectEngine(name);
      const step = (1000 * BATCH) / (await benchEngine(engine, { architecture: net, batchSize: BATCH, seconds: 2 }));
      const task = { set, engine: name, net };
      const whole = train({ ...task, to: join(out, of, "whole") });
      const begun = await whole.begun;
      const { code, stderr } = await whole.ended;
      if (code !== 0) throw new Error(stderr);
      const milliseconds = (await whole.exited) - begun;
      const expected = bytesOf(join(out, of, "whole"));

      const next = random(Number(process.env.FER_BENCH_SEED ?? 1));
      const times = [];
      let equal = 0;
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const to = join(out, of, `stopped-${attempt}`);
        // one moment in each of so many equal spans, so that every phase is hit
        const took = await interrupted({ ...task, to }, { share: (attempt + next()) / TRIES, milliseconds });
        times.push(took);
        const isEqual = bytesOf(to) === expected;
        equal += Number(isEqual);
        log(`${of}: exit after ${took.toFixed(0)} ms, ${isEqual ? "equal bytes" : "OTHER BYTES"}`);
        rmSync(to, { recursive: true });
      }
      const row = (subject, value, { unit = "ms", ratio = null } = {}) =>
        rows.push({ subject, case: `${net} on ${name}, batch ${BATCH}`, value, unit, ratio });
      const most = Math.max(...times);
      row("one step", step);
      row("SIGINT to exit, median", median(times));
      row(`SIGINT to exit, largest of ${TRIES}`, most, { ratio: most / step });
      row(`went on to equal bytes, of ${TRIES}`, equal, { unit: "runs" });
    }
    return rows;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
