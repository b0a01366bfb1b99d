/** ONNX models, run by onnxruntime-node. */
import { EngineError, FormatError } from "@fer/core";
import { INSTALL_ONNXRUNTIME } from "@fer/tfjs-graph";
import type { InferenceSession } from "onnxruntime-node";
import type { Predictor } from "../predict/predict.js";
import type { Network, Scaling } from "./network.js";

type Runtime = typeof import("onnxruntime-node");

/** @throws FormatError where it is not an ONNX model of one image input; EngineError where onnxruntime is not there. */
export async function openOnnx(
  file: string | Uint8Array,
  { threads = 0 }: { threads?: number | undefined } = {},
): Promise<Network> {
  const runtime = await loadRuntime();
  const session = await openSession(runtime, { file, threads }).catch((cause: unknown) => {
    throw new FormatError({
      code: "UNSUPPORTED_MODEL",
      subject: nameOf(file),
      found: `onnxruntime cannot open it (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)})`,
      expected: "a whole ONNX model",
      cause,
    });
  });
  const [input, other] = session.inputMetadata;
  const shape = input?.isTensor ? input.shape : [];
  if (input === undefined || other !== undefined || !input.isTensor || shape.length !== 4 || input.type !== "float32") {
    throw new FormatError({
      code: "UNSUPPORTED_MODEL",
      subject: nameOf(file),
      found: `inputs ${session.inputNames.join(", ") || "none"}`,
      expected: "one input of images, float32, four axes",
    });
  }
  const sizes = shape.map((size) => (typeof size === "number" && size > 0 ? size : null));
  // Channels first, as PyTorch has it, or last.
  const isFirst = isDepth(sizes[1]) && !isDepth(sizes[3]);
  const [output] = session.outputMetadata;
  const classes = output?.isTensor ? output.shape.at(-1) : null;
  return {
    format: "ONNX",
    shape: {
      size: (isFirst ? sizes[2] : sizes[1]) ?? null,
      channels: (isFirst ? sizes[1] : sizes[3]) ?? null,
      classes: typeof classes === "number" ? classes : null,
    },
    parameters: null,
    prepare: async (scaling) => ({
      step: stepOf({ runtime, session, isFirst, rows: sizes[0] ?? null }, scaling),
      dispose: () => void session.release(),
    }),
    dispose: () => void session.release(),
  };
}

/** Errors only: it warns of what it leaves as it is. */
const LOG_ERRORS = 3;

/** @param threads Those that share the work of a call; 0 takes one a core. */
function openSession(
  runtime: Runtime,
  { file, threads }: { file: string | Uint8Array; threads: number },
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions =
    threads === 0 ? {} : { intraOpNumThreads: threads, logSeverityLevel: LOG_ERRORS };
  return typeof file === "string"
    ? runtime.InferenceSession.create(file, options)
    : runtime.InferenceSession.create(file, options);
}

const nameOf = (file: string | Uint8Array): string => (typeof file === "string" ? file : "model");

const isDepth = (size: number | null | undefined): boolean => size === 1 || size === 3;

interface OpenSession {
  runtime: Runtime;
  session: InferenceSession;
  /** Whether channels come before height and width. */
  isFirst: boolean;
  /** Images that it takes at a time; `null` for any number. */
  rows: number | null;
}

function stepOf({ runtime, session, isFirst, rows }: OpenSession, scaling: Scaling): Predictor {
  const { size, channels } = scaling;
  const length = size * size * channels;
  const [name, output] = [session.inputNames[0]!, session.outputNames[0]!];
  return {
    async predict(images, count) {
      const at = rows ?? count;
      const parts: Float32Array[] = [];
      for (let from = 0; from < count; from += at) {
        const scaled = new Float32Array(at * length);
        fill(scaled, { images: images.subarray(from * length, (from + at) * length), isFirst, ...scaling });
        const shape = isFirst ? [at, channels, size, size] : [at, size, size, channels];
        const results = await session.run({ [name]: new runtime.Tensor("float32", scaled, shape) });
        parts.push(results[output]!.data as Float32Array);
      }
      const width = parts[0]!.length / at;
      const all = new Float32Array(parts.length * at * width);
      for (const [index, part] of parts.entries()) all.set(part, index * at * width);
      return all.subarray(0, count * width);
    },
  };
}

type Filled = Scaling & { images: Uint8Array | Float32Array; isFirst: boolean };

/** Scaled pixels in the order that the model wants. */
function fill(to: Float32Array, { images, isFirst, size, channels, scale, offset }: Filled): void {
  if (!isFirst) {
    for (let at = 0; at < images.length; at++) to[at] = images[at]! * scale + offset;
    return;
  }
  const plane = size * size;
  for (const [at, pixel] of images.entries()) {
    const [row, rest] = [Math.floor(at / (plane * channels)), at % (plane * channels)];
    to[row * plane * channels + (rest % channels) * plane + Math.floor(rest / channels)] = pixel * scale + offset;
  }
}

async function loadRuntime(): Promise<Runtime> {
  try {
    const loaded = await import("onnxruntime-node");
    return (loaded as unknown as { default?: Runtime }).default ?? loaded;
  } catch (cause) {
    throw new EngineError({
      code: "ENGINE_UNAVAILABLE",
      subject: "onnxruntime-node",
      found: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
      fix: INSTALL_ONNXRUNTIME,
      cause,
    });
  }
}
