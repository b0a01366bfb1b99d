/** Loads onnxruntime-node, an optional dependency. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as OnnxRuntime from "onnxruntime-node";
import { GraphError } from "../errors.js";

/** Its install script downloads CUDA libraries, which are not needed, and fails where the network lets nothing through. */
export const INSTALL_ONNXRUNTIME = "npm i onnxruntime-node --onnxruntime-node-install=skip";

/** Beside this package, or beside the user's own script only. */
const places = (): string[] => [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href];

/**
 * The onnxruntime-node of the process.
 *
 * @throws GraphError with the line that installs it, where it is absent or does not load.
 */
export function loadOnnxRuntime(): typeof OnnxRuntime {
  let failure: unknown;
  for (const place of places()) {
    try {
      return createRequire(place)("onnxruntime-node") as typeof OnnxRuntime;
    } catch (error) {
      if (!isAbsent(error)) failure = error;
    }
  }
  const reason = failure instanceof Error ? failure.message.split("\n")[0] : String(failure);
  throw new GraphError({
    code: "BACKEND_UNAVAILABLE",
    subject: "onnxruntime-node",
    found: failure === undefined ? "it is not installed" : `it does not load: ${reason}`,
    fix: failure === undefined ? INSTALL_ONNXRUNTIME : "See that the package has binaries for this platform",
    cause: failure,
  });
}

function isAbsent(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "MODULE_NOT_FOUND" && message.includes("'onnxruntime-node'");
}

/** Version of the installed onnxruntime-node. */
export function onnxRuntimeVersion(): string {
  return loadOnnxRuntime().env.versions.node ?? "unknown";
}
