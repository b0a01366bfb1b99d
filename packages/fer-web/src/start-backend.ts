/** The first backend that starts, and why those before it did not. */
import { EngineError } from "@fer/core/errors";
import type { ModelInfo } from "@fer/core/model-info";
import { type Backend, type BackendName, PROBES, type RefusedBackend } from "./backends.js";
import type { StartResult, WorkerSession } from "./worker-session.js";

/** A backend that computes. */
export interface Running {
  backend: Backend;
  model: ModelInfo;
  session: WorkerSession;
}

export interface StartOptions {
  /** Those that are left, the next one first; what is tried is taken away. */
  names: BackendName[];
  /** Whether the caller named them, and wants them although they are slow. */
  isNamed: boolean;
  start: (name: BackendName, signal: AbortSignal | undefined) => Promise<StartResult>;
}

/** `null` where none is left that starts; `refused` says why, as it does where one starts. */
export async function startBackend(
  { names, isNamed, start }: StartOptions,
  { refused, signal }: { refused: RefusedBackend[]; signal?: AbortSignal | undefined },
): Promise<Running | null> {
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const reason = await PROBES[name]({ isNamed });
    signal?.throwIfAborted();
    const result = reason === null ? await start(name, signal) : { reason };
    if (!("reason" in result)) {
      const { session, model, device } = result;
      return { backend: { name, device, refused }, model, session };
    }
    refused.push({ name, reason: result.reason });
  }
  return null;
}

export const noBackend = (refused: readonly RefusedBackend[]): EngineError =>
  new EngineError({
    code: "NO_BACKEND",
    subject: "recognizer",
    found: `nothing can compute here (${refused.map(({ name, reason }) => `${name}: ${reason}`).join("; ")})`,
    expected: "one of webgpu, webgl, wasm",
    fix: "Leave the option backend out to have all of them tried, and serve the files of the package's bundle folder with the page",
    context: { refused },
  });
