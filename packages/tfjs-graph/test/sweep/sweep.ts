/** Runs cases on an engine, in child processes so that a crash is a finding, and compares each with the reference. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generator } from "../nets.ts";
import { describeCase, geometryOf, isPool, type SweepCase } from "./cases.ts";
import { exact, type Exact, type Operands } from "./reference.ts";

export interface SweepOptions {
  engine: "tensorflow" | "onnx" | "wasm";
  precision: "float32" | "bfloat16";
}

/** glibc's checking allocator, where it lies: a write past the end of a buffer ends the child when it is freed. */
const CHECKED = { LD_PRELOAD: "libc_malloc_debug.so.0", MALLOC_CHECK_: "3" };

export interface Finding {
  example: SweepCase;
  text: string;
  /** How the child ended, where it did. */
  crash?: string;
  /** Message of what was refused or failed. */
  refused?: string;
  /** Largest difference, as a share of what sums of such products come to. */
  error?: number;
}

type Answer = { y: Float32Array } | { error: string } | { ready: true };

/** bfloat16 keeps the upper half of the bits. */
function toBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bits[i]! + 0x7fff + ((bits[i]! >>> 16) & 1)) & 0xffff0000) >>> 0;
  return values;
}

function operandsOf(example: SweepCase, seed: number, precision: SweepOptions["precision"]): Operands {
  const random = generator(seed);
  const { kind, batch, size, channels, kernel, filters } = example;
  const { output } = geometryOf(example);
  // Few values make ties, as every ReLU does.
  const hasTies = kind.startsWith("maxPool") && seed % 3 === 0;
  const draw = hasTies ? () => Math.floor(random() * 4) : () => random() * 2 - 1;
  const make = (length: number, from: () => number): Float32Array => {
    const values = Float32Array.from({ length }, from);
    return precision === "bfloat16" ? toBfloat16(values) : values;
  };
  const outputs = kind.startsWith("depthwise") ? channels * filters : isPool(kind) ? channels : filters;
  const slope = (): number => random() * 2 - 1;
  return {
    x: make(batch * size[0] * size[1] * channels, draw),
    filter: make(isPool(kind) ? 0 : kernel[0] * kernel[1] * channels * filters, slope),
    dy: make(batch * output[0] * output[1] * outputs, slope),
  };
}

function outputShape(example: SweepCase): number[] {
  const { kind, batch, channels, filters } = example;
  const outputs = kind.startsWith("depthwise") ? channels * filters : isPool(kind) ? channels : filters;
  return [batch, ...geometryOf(example).output, outputs];
}

/** A child and the answers that it gives, in turn. */
class Child {
  private readonly process: ChildProcess;
  private settle: ((answer: Answer | { crash: string }) => void) | null = null;
  private end: string | null = null;

  constructor({ engine, precision }: SweepOptions) {
    this.process = fork(fileURLToPath(new URL("child.mjs", import.meta.url)), [engine, precision], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: { ...process.env, ...(process.platform === "linux" ? CHECKED : {}) },
    });
    this.process.on("message", (answer: Answer) => this.settle?.(answer));
    this.process.on("exit", (code, signal) => {
      this.end = signal ?? `exit ${code}`;
      this.settle?.({ crash: this.end });
    });
  }

  answer(message?: object): Promise<Answer | { crash: string }> {
    if (this.end !== null) return Promise.resolve({ crash: this.end });
    return new Promise((resolve) => {
      this.settle = resolve;
      if (message !== undefined) this.process.send(message, () => {});
    });
  }

  stop(): void {
    this.process.removeAllListeners("exit");
    this.process.kill("SIGKILL");
  }
}

/** Runs all cases; gives what each came to, in order. */
export async function sweep(
  cases: readonly { seed: number; example: SweepCase }[],
  options: SweepOptions,
): Promise<Finding[]> {
  let child: Child | null = null;
  const findings: Finding[] = [];
  for (const { seed, example } of cases) {
    const operands = operandsOf(example, seed, options.precision);
    if (child === null) {
      child = new Child(options);
      await child.answer();
    }
    const asked = child.answer({ example: { ...example, shapes: { output: outputShape(example) } }, operands });
    const expected = exact(example, operands);
    const answer = await asked;
    const finding: Finding = { example, text: `${seed}: ${describeCase(example)}` };
    if ("crash" in answer) {
      finding.crash = answer.crash;
      child = null;
    } else if ("error" in answer) finding.refused = answer.error;
    else if ("y" in answer) finding.error = difference(answer.y, expected);
    findings.push(finding);
  }
  child?.stop();
  return findings;
}

/** Largest difference, as a share of what sums of such products come to; infinite where one is not a number. */
function difference(found: Float32Array, { values, squares }: Exact): number {
  if (found.length !== values.length) return Infinity;
  let [worst, largest] = [0, 1e-30];
  for (let i = 0; i < values.length; i++) {
    const away = Math.abs(found[i]! - values[i]!);
    worst = away >= 0 ? Math.max(worst, away) : Infinity;
    largest = Math.max(largest, squares[i]!);
  }
  return worst / Math.sqrt(largest);
}
