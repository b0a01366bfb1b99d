/**
 * Whether bfloat16 is worth asking for. A processor with instructions for it trains faster than in float32; with
 * AVX-512 alone oneDNN emulates them (half as fast), and without AVX-512 TensorFlow falls back to scalar code, which is
 * twenty times slower. What the processor has is read where the system tells, else measured.
 */
import { readFileSync } from "node:fs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { capture } from "../capture/capture.js";
import { tf } from "../tf.js";
import { compileGraph } from "../run/compile-graph.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowRuntime } from "./runtime.js";

export interface Bfloat16Speed {
  /** At least as fast as float32. */
  isFast: boolean;
  /** Why, in words that follow "bfloat16: ". */
  reason: string;
}

/** Any one of them will do; the last is AVX2's, which newer processors without AVX-512 have. */
const INSTRUCTIONS = ["avx512_bf16", "amx_bf16", "avx_ne_convert"];

/** Flags of the processor as Linux lists them; null where nothing tells. Tests pass another file. */
export function processorFlags(file = "/proc/cpuinfo"): ReadonlySet<string> | null {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync(file, "utf8"));
    return line === null ? null : new Set(line[1]!.trim().split(/\s+/));
  } catch {
    return null;
  }
}

/**
 * How fast this machine is in bfloat16. Reads the processor's flags; on a GPU, and where there are none to read, it
 * runs a convolution in both precisions (a tenth of a second where bfloat16 is fast).
 *
 * @example
 * ```ts
 * import { bfloat16Speed, findTensorFlow, loadTensorFlow } from "@fer/tfjs-graph";
 *
 * const { isFast, reason } = await bfloat16Speed(await loadTensorFlow(findTensorFlow()!));
 * console.log(`bfloat16 is ${isFast ? "fast" : "slow"} here: ${reason}`);
 * ```
 */
export async function bfloat16Speed(
  runtime: TensorFlowRuntime,
  flags: ReadonlySet<string> | null = processorFlags(),
): Promise<Bfloat16Speed> {
  if (runtime.device === "GPU" || flags === null) return measured(runtime);
  const found = INSTRUCTIONS.find((flag) => flags.has(flag));
  if (found !== undefined) return { isFast: true, reason: `the processor has ${found}` };
  const times = flags.has("avx512f") ? "about twice" : "about twenty times";
  return { isFast: false, reason: `the processor has none of ${INSTRUCTIONS.join(", ")}: ${times} as slow as float32` };
}

async function measured(runtime: TensorFlowRuntime): Promise<Bfloat16Speed> {
  const [exact, fast] = [await secondsIn("float32", runtime), await secondsIn("bfloat16", runtime)];
  const ratio = fast / exact;
  const times = ratio < 1 ? `${(1 / ratio).toFixed(1)} times as fast` : `${ratio.toFixed(1)} times as slow`;
  return { isFast: ratio < 1.2, reason: `measured on a convolution: ${times} as float32` };
}

/** The shortest of a few runs of a convolution and the gradient of its filter. */
async function secondsIn(precision: Precision, runtime: TensorFlowRuntime): Promise<number> {
  const shapes = { x: [16, 24, 24, 32], filter: [3, 3, 32, 32], dy: [16, 24, 24, 32] };
  const run = (...inputs: Tensor[]): Tensor[] => {
    const [x, filter, dy] = inputs as [Tensor4D, Tensor4D, Tensor4D];
    const convolve = (x: Tensor, filter: Tensor): Tensor => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, "same");
    return tf
      .grads(convolve)([x, filter], dy)
      .map((gradient) => gradient.sum());
  };
  const specs = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
  const compiled = await compileGraph(capture(run, specs), { engine: "tensorflow", runtime, precision });
  const inputs = Object.fromEntries(
    specs.map(({ name, shape }) => [name, new Float32Array(tf.util.sizeFromShape(shape)).fill(0.5)]),
  );
  try {
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 4; i++) {
      const start = performance.now();
      await compiled.run(inputs);
      if (i > 0) shortest = Math.min(shortest, performance.now() - start);
    }
    return shortest / 1000;
  } finally {
    await compiled.dispose();
  }
}
