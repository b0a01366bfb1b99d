/** Loads onnxruntime-node, an optional dependency. */
import { createRequire } from "node:module";
import type * as OnnxRuntime from "onnxruntime-node";
import { GraphError } from "../errors.js";

/** Its install script downloads CUDA libraries, which are not needed, and fails without network. */
export const INSTALL_ONNXRUNTIME = "npm i onnxruntime-node --ignore-scripts";

const require = createRequire(import.meta.url);

/**
 * The onnxruntime-node of the process.
 *
 * @throws GraphError with the line that installs it, where it is absent or does not load.
 */
export function loadOnnxRuntime(): typeof OnnxRuntime {
  try {
    return require("onnxruntime-node") as typeof OnnxRuntime;
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new GraphError({
      code: "BACKEND_UNAVAILABLE",
      subject: "onnxruntime-node",
      found: isAbsent ? "it is not installed" : `it does not load: ${reason}`,
      fix: isAbsent ? INSTALL_ONNXRUNTIME : "See that the package has binaries for this platform",
      cause,
    });
  }
}

/** Version of the installed onnxruntime-node. */
export function onnxRuntimeVersion(): string {
  return loadOnnxRuntime().env.versions.node ?? "unknown";
}
