/**
 * Training steps a second of our engines, Keras and PyTorch: the same three nets, Adam, uint8 batches in. One case at a
 * time; all subjects of a case are started, compiled and warmed up, then take turns; the median of the rounds counts.
 * Where twelve processes do not fit the memory (`ALONE`), each is started, warmed up and stopped again in every round.
 *
 *     FER_BENCH_CASES="mini:64 fer-cnn:512"   only these        FER_BENCH_ROUNDS=3      FER_BENCH_SECONDS=3 (a round)
 *     FER_BENCH_SUBJECTS="webgpu,PyTorch"     only these
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median } from "./peers/median.mjs";

export const title = "Training step: engines, Keras, PyTorch";
export const peers =
  "Keras 3.15.1 on TensorFlow 2.21.0 (train_on_batch, with and without jit_compile), PyTorch 2.15.0 (channels-last, with and without torch.compile); mixed bfloat16 of both";

const CASES = (
  process.env.FER_BENCH_CASES ?? "mini:64 mini:512 fer-resnet9:64 fer-resnet9:512 fer-cnn:64 fer-cnn:512"
).split(" ");
const ALONE = new Set(["fer-cnn:512"]);
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.FER_BENCH_SECONDS ?? 3);
/** Those of `FER_BENCH_SUBJECTS`, by name and comma; all if left out. */
const isAsked = ({ name }) => process.env.FER_BENCH_SUBJECTS?.split(",").includes(name) ?? true;
const peer = (file) => fileURLToPath(new URL(`peers/${file}`, import.meta.url));

/** Subjects: `kind` and `precision` decide what is compared with what. */
const SUBJECTS = [
  { name: "tensorflow", kind: "fer", precision: "float32", args: ["tensorflow"] },
  { name: "tensorflow bfloat16", kind: "fer", precision: "bfloat16", args: ["tensorflow", "bfloat16"] },
  { name: "onnx", kind: "fer", precision: "float32", args: ["onnx"] },
  { name: "webgpu", kind: "fer", precision: "float32", args: ["webgpu"], optional: true },
  { name: "wasm (eager)", kind: "fer", precision: "float32", args: ["wasm"], largestBatch: 64 },
  { name: "Keras", kind: "keras", precision: "float32", args: ["float32"] },
  { name: "Keras jit_compile", kind: "keras", precision: "float32", args: ["jit"] },
  { name: "Keras mixed_bfloat16", kind: "keras", precision: "bfloat16", args: ["bfloat16"] },
  { name: "PyTorch", kind: "torch", precision: "float32", args: ["float32"] },
  { name: "PyTorch torch.compile", kind: "torch", precision: "float32", args: ["compile"] },
  { name: "PyTorch bfloat16", kind: "torch", precision: "bfloat16", args: ["bfloat16"] },
  { name: "PyTorch bfloat16 torch.compile", kind: "torch", precision: "bfloat16", args: ["bfloat16-compile"] },
];

/** A running peer: `run(steps)` gives images a second. */
async function start(subject, net, batch, python) {
  const [command, file] =
    subject.kind === "fer" ? [process.execPath, "fer_step.mjs"] : [python, `${subject.kind}_step.py`];
  const child = spawn(command, [peer(file), net, String(batch), ...subject.args], { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors = (errors + chunk).slice(-4000)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done)
        throw new Error(
          `${subject.name} on ${net}, batch ${batch}, ended: ${errors.trim().split("\n").slice(-4).join(" | ")}`,
        );
      if (value === "ready" || Number.isFinite(Number(value))) return value;
    }
  };
  await answer();
  return {
    subject,
    rates: [],
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      return Number(await answer());
    },
    stop: () => child.kill("SIGKILL"),
  };
}

export async function run({ log, python }) {
  if (!python) throw new Error("FER_PYTHON is not set: the peers need a Python with bench/requirements.txt");
  const rows = [];
  for (const name of CASES) {
    const [net, batchText] = name.split(":");
    const batch = Number(batchText);
    const subjects = SUBJECTS.filter(isAsked).filter(
      ({ largestBatch = Number.POSITIVE_INFINITY }) => batch <= largestBatch,
    );
    const running = [];
    const begin = async (subject) => {
      try {
        return await start(subject, net, batch, python);
      } catch (error) {
        // out of memory, or no such device: the case goes on without it, and the table says so
        log(String(error.message).slice(0, 300));
        return undefined;
      }
    };
    const measure = async (one) => {
      one.steps ??= Math.max(1, Math.round((SECONDS * (await one.run(1))) / batch));
      return one.run(one.steps);
    };
    if (ALONE.has(name)) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const subject of subjects) {
          const one = await begin(subject);
          if (one === undefined) continue;
          const known = running.find((other) => other.subject === subject);
          const rate = await measure(one);
          one.stop();
          if (known === undefined) running.push({ subject, rates: [rate] });
          else known.rates.push(rate);
        }
      }
    } else {
      for (const subject of subjects) {
        const one = await begin(subject);
        if (one !== undefined) running.push(one);
      }
      for (let round = 0; round < ROUNDS; round++) {
        for (const one of running) one.rates.push(await measure(one));
      }
      for (const one of running) one.stop();
    }
    for (const subject of subjects) {
      if (subject.optional || running.some((one) => one.subject === subject)) continue;
      rows.push({
        subject: `${subject.name} (did not start)`,
        case: `${net}, batch ${batch}`,
        value: 0,
        unit: "images/s",
        ratio: null,
      });
    }
    /** Images a second of the fastest peer of a kind; null where none ran. */
    const best = (kind, precision) => {
      const peers = running.filter(({ subject }) => subject.kind === kind && subject.precision === precision);
      return peers.length === 0 ? null : Math.max(...peers.map(({ rates }) => median(rates)));
    };
    for (const { subject, rates } of running) {
      const value = median(rates);
      const of = `${net}, batch ${batch}`;
      rows.push({ subject: subject.name, case: of, value, unit: "images/s", ratio: null });
      if (subject.kind !== "fer") continue;
      const beside = [];
      for (const [kind, name] of [
        ["keras", "Keras"],
        ["torch", "PyTorch"],
      ]) {
        const peer = best(kind, subject.precision);
        beside.push(peer === null ? `${name} did not run` : `${(value / peer).toFixed(2)}x ${name}`);
        if (peer === null) continue;
        rows.push({
          subject: `${subject.name} / ${name}'s best ${subject.precision}`,
          case: of,
          value: peer,
          unit: "images/s (peer)",
          ratio: value / peer,
        });
      }
      log(`${of}: ${subject.name} ${value.toFixed(0)} images/s, ${beside.join(", ")}`);
    }
  }
  return rows;
}
