/** Every runtime has its own words for a step that does not fit into memory. */
import { GraphError } from "../errors.js";

const SIGNS = [
  // TensorFlow
  /OOM when allocating/,
  /RESOURCE_EXHAUSTED/i,
  // onnxruntime, its arena and the C++ library below it
  /Failed to allocate memory/,
  /bad_alloc/,
  // WebGPU
  /out of memory/i,
  // JavaScript arrays
  /Invalid typed array length/,
  /Array buffer allocation failed/i,
];

/** wasm: an address that malloc could not give. What else lies in that memory may be overwritten by then. */
const BROKEN = /memory access out of bounds/;

/** The cause in words that help, where it is a lack of memory; else the cause itself. */
export function explainMemory(cause: unknown, { rows, runtime }: { rows: number; runtime: string }): unknown {
  const message = cause instanceof Error ? cause.message : "";
  const broken = BROKEN.test(message);
  if (!broken && !SIGNS.some((sign) => sign.test(message))) return cause;
  const less = rows > 1 ? `Try a batch of ${Math.floor(rows / 2)}` : "Try a smaller model or smaller images";
  return new GraphError({
    code: "OUT_OF_MEMORY",
    subject: `batch of ${rows}`,
    found: `${runtime} ran out of memory`,
    fix: broken ? `${less}, in a new process` : less,
    context: { rows },
    cause,
  });
}
