/**
 * The longest stretch in which a training holds its thread, so that no signal, timer or request of a server has its
 * turn: by engine and phase, each engine in a process of its own. Goal: 50 ms, or one step where the step cannot run
 * elsewhere.
 *
 *     FER_BENCH_ENGINES="tensorflow onnx wasm"      FER_BENCH_NETS="fer-vgg"      FER_BENCH_ROUNDS=3 (the best counts)
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ckplusSet } from "./peers/ckplus_set.mjs";

export const title = "How long a training holds its thread at a time";
export const peers = "one step of the same training (ratio: longest stretch / step)";

const ENGINES = (process.env.FER_BENCH_ENGINES ?? "tensorflow onnx wasm").split(" ");
const NETS = (process.env.FER_BENCH_NETS ?? "fer-vgg").split(" ");
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 3);
const PEER = fileURLToPath(new URL("peers/fer_stalls.mjs", import.meta.url));

export async function run({ log }) {
  const out = mkdtempSync(join(tmpdir(), "fer-bench-stalls-"));
  const rows = [];
  try {
    (await ckplusSet(out)).close();
    for (const net of NETS) {
      for (const engine of ENGINES) {
        const rounds = [];
        for (let round = 0; round < ROUNDS; round++) {
          const { stdout } = await promisify(execFile)(process.execPath, [PEER, out, engine, net]);
          rounds.push(JSON.parse(stdout));
        }
        // other processes take the processor away as well: the best of all rounds is the training's own
        const best = (of) => Math.min(...rounds.map(of));
        const step = best((round) => round.step);
        const row = (what, value, ratio = null) => {
          rows.push({ subject: engine, case: `${net}, batch 32: ${what}`, value, unit: "ms", ratio });
          log(`${net} on ${engine}: ${what} ${value.toFixed(1)} ms`);
        };
        row("a step, median", step);
        for (const phase of Object.keys(rounds[0].longest)) {
          const value = best((round) => round.longest[phase]);
          row(phase, value, value / step);
        }
      }
    }
    return rows;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
