/** Finds, loads and switches tfjs backends. */
import { createRequire } from "node:module";
import { GraphError } from "../errors.js";
import { tf } from "../tf.js";

const require = createRequire(import.meta.url);

/** Packages that register a backend when they are loaded. */
const packages: Record<string, string> = {
  wasm: "@tensorflow/tfjs-backend-wasm",
  webgpu: "@tensorflow/tfjs-backend-webgpu",
};

/** Makes sure that the backend and its kernels are registered; throws where its package is not there. */
export function registerBackend(name: string): void {
  const from = packages[name];
  if (tf.engine().registryFactory[name] === undefined && from !== undefined) require(from);
}

/** Makes sure that the backend is registered and starts. */
export async function loadBackend(name: string): Promise<void> {
  const before = tf.getBackend();
  try {
    registerBackend(name);
    if (await tf.setBackend(name)) return;
  } catch (cause) {
    throw unavailable(name, cause);
  } finally {
    if (before !== undefined) await tf.setBackend(before);
  }
  throw unavailable(name);
}

function unavailable(name: string, cause?: unknown): GraphError {
  const from = packages[name];
  const reason = cause instanceof Error ? cause.message.split("\n")[0] : "it did not start";
  return new GraphError({
    code: "BACKEND_UNAVAILABLE",
    subject: `tfjs backend "${name}"`,
    found: `it cannot be used here: ${reason}`,
    expected: `one of ${Object.keys(tf.engine().registryFactory).join(", ")}`,
    ...(from === undefined ? {} : { fix: `Install it: npm i ${from}` }),
    context: { name },
    cause,
  });
}

/** Runs synchronous work on a backend that has been loaded, and sets the one before again. */
export function withBackend<T>(name: string, work: () => T): T {
  const before = tf.getBackend() as string | undefined;
  if (before === name) return work();
  // For a backend that starts at once, setBackend takes effect at once; only its promise is late.
  void tf.setBackend(name);
  try {
    return work();
  } finally {
    if (before === undefined) unsetBackend();
    else void tf.setBackend(before);
  }
}

/** As in a process that has not used tfjs yet: it will choose a backend when it needs one. */
function unsetBackend(): void {
  const engine = tf.engine() as unknown as { backendName: string | undefined; backendInstance: object | null };
  engine.backendName = undefined;
  engine.backendInstance = null;
}
