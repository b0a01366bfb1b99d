/** Finds and loads onnxruntime-node, an optional dependency. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GraphError } from "../errors.js";
import type { RuntimeInfo } from "../runtime/host.js";
import { callRuntime } from "../runtime/thread.js";

/** Its install script downloads CUDA libraries, which are not needed, and fails where the network lets nothing through. */
export const INSTALL_ONNXRUNTIME = "npm i onnxruntime-node --onnxruntime-node-install=skip";

/** Beside this package, or beside the user's own script only. */
const places = (): string[] => [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href];

/** The file that `require` loads; throws where the package is absent. */
export function findOnnxRuntime(): string {
  for (const place of places()) {
    try {
      return createRequire(place).resolve("onnxruntime-node");
    } catch {
      // Perhaps in the next one.
    }
  }
  throw unavailable({ found: "it is not installed", fix: INSTALL_ONNXRUNTIME });
}

/** onnxruntime-node as it lies here. */
export interface OnnxRuntimeInfo {
  version: string;
  /** Its execution providers, e.g. `cpu`, `webgpu`. */
  providers: readonly string[];
}

/**
 * Loads the onnxruntime-node of the process, in the thread that will run it.
 *
 * @throws GraphError with the line that installs it, where it is absent or does not load.
 * @example
 * ```ts
 * import { loadOnnxRuntime } from "@fer/tfjs-graph";
 *
 * const { version, providers } = await loadOnnxRuntime();
 * console.log(version, providers.includes("cpu")); // 1.30.0 true
 * ```
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntimeInfo> {
  const module = findOnnxRuntime();
  try {
    const { version, providers = [] } = (await callRuntime({
      do: "load",
      options: { kind: "onnx", module },
    })) as RuntimeInfo;
    return { version, providers };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    const fix = "See that the package has binaries for this platform";
    throw unavailable({ found: `it does not load: ${reason}`, fix, cause });
  }
}

function unavailable(why: { found: string; fix: string; cause?: unknown }): GraphError {
  return new GraphError({ code: "BACKEND_UNAVAILABLE", subject: "onnxruntime-node", ...why });
}
