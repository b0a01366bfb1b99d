/**
 * Cold start: milliseconds of a new process from `import` to the end of the first training step, batch 64, by stage. The
 * second step shows what of the first is its work. Medians; engines take turns.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const title = "Cold start: import, model, prepare, first step";
export const peers = "the eager engine wasm";

const NETS = ["tiny", "fer-vgg", "fer-cnn"];
const ENGINES = ["tensorflow", "onnx", "wasm"];
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 3);
const child = fileURLToPath(new URL("peers/fer_start.mjs", import.meta.url));

export async function run({ log }) {
  const times = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    for (const net of NETS) {
      for (const engine of ENGINES) {
        const answer = execFileSync(process.execPath, [child, net, engine], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        });
        const stages = JSON.parse(answer);
        stages["all before the second step"] = sum(stages) - stages["second step"];
        for (const [stage, ms] of Object.entries(stages)) {
          const key = JSON.stringify([net, engine, stage]);
          times.set(key, [...(times.get(key) ?? []), ms]);
        }
      }
    }
  }
  return [...times].map(([key, values]) => {
    const [net, engine, stage] = JSON.parse(key);
    const value = values.toSorted((a, b) => a - b)[values.length >> 1];
    if (stage.startsWith("all")) log(`${net} on ${engine}: ${value.toFixed(0)} ms`);
    return { subject: `${engine}: ${stage}`, case: net, value, unit: "ms", ratio: null };
  });
}

const sum = (stages) => Object.values(stages).reduce((a, b) => a + b, 0);
