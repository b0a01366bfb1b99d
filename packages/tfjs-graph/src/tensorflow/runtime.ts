/**
 * Finds and loads TensorFlow: the N-API addon of tfjs-node(-gpu) on a libtensorflow. Only the addon's functions are
 * used; no package of tfjs-node has to be loaded, and no Python.
 *
 * A folder with the addon comes from `setupTensorFlow` (its layout: `setup/installation.ts`), is named by
 * `FER_TENSORFLOW`, or is an installed package whose addon is in place.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { GraphError } from "../errors.js";
import type { RuntimeInfo } from "../runtime/host.js";
import { callRuntime } from "../runtime/thread.js";
import { findInstallation } from "../setup/installation.js";

/** A TensorFlow that has been loaded. */
export interface TensorFlowRuntime {
  /** Version of libtensorflow. */
  version: string;
  device: "CPU" | "GPU";
  /** The addon that it was loaded through. */
  path: string;
}

/** A TensorFlow that lies here, not loaded yet. */
export interface FoundTensorFlow {
  /** The addon file. */
  addon: string;
  source: "folder" | "cache" | "installed";
}

const ADDON = "tfjs_binding.node";

/**
 * Looks for TensorFlow: in `FER_TENSORFLOW`, in the cache, then an installed tfjs-node-gpu or tfjs-node whose addon is
 * in place. Loads nothing. Null where there is none.
 *
 * @param from Folder whose `node_modules` are searched; the current one where left out.
 * @example
 * ```ts
 * import { findTensorFlow, loadTensorFlow } from "@fer/tfjs-graph";
 *
 * const found = findTensorFlow();
 * if (found !== null) console.log((await loadTensorFlow(found)).version); // such as 2.21.0
 * ```
 */
export function findTensorFlow(from: string = process.cwd()): FoundTensorFlow | null {
  const { FER_TENSORFLOW } = process.env;
  const named = FER_TENSORFLOW ? join(FER_TENSORFLOW, ADDON) : undefined;
  if (named !== undefined && existsSync(named)) return { addon: named, source: "folder" };
  const installation = findInstallation();
  if (installation) return { addon: join(installation.folder, ADDON), source: "cache" };
  for (const name of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    const addon = installedAddon(name, from);
    if (addon !== null) return { addon, source: "installed" };
  }
  return null;
}

/** Where node-pre-gyp puts the addon of a package: `lib/napi-v8/tfjs_binding.node`. */
function installedAddon(name: string, from: string): string | null {
  try {
    const manifest = createRequire(join(from, "package.json")).resolve(`${name}/package.json`);
    const addon = join(dirname(manifest), "lib", "napi-v8", ADDON);
    return existsSync(addon) ? addon : null;
  } catch {
    return null;
  }
}

/**
 * Loads TensorFlow into the process, in the thread that will run it; a second call for the same file gives the same.
 *
 * @param where A set-up folder, or what {@link findTensorFlow} found.
 * @throws GraphError when the addon or libtensorflow cannot be loaded, with the loader's reason.
 */
export async function loadTensorFlow(where: string | FoundTensorFlow): Promise<TensorFlowRuntime> {
  const path = typeof where === "string" ? join(where, ADDON) : where.addon;
  try {
    const options = { kind: "tensorflow", addon: path } as const;
    const { version, isGpu = false } = (await callRuntime({ do: "load", options })) as RuntimeInfo;
    return { version, device: isGpu ? "GPU" : "CPU", path };
  } catch (cause) {
    throw new GraphError({
      code: "TENSORFLOW_NOT_LOADED",
      subject: path,
      found: `TensorFlow cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      expected: "the addon of tfjs-node with libtensorflow beside it",
      fix: "Run fer setup tensorflow again, or use the onnx engine",
      context: { path },
      cause,
    });
  }
}

/** The TensorFlow that was passed, or the one that lies here. */
export async function tensorFlowRuntime(given?: TensorFlowRuntime): Promise<TensorFlowRuntime> {
  if (given !== undefined) return given;
  const found = findTensorFlow();
  if (found !== null) return loadTensorFlow(found);
  throw new GraphError({
    code: "TENSORFLOW_MISSING",
    subject: "engine tensorflow",
    found: "there is no TensorFlow here",
    expected: "a set-up folder (FER_TENSORFLOW, or the cache) or an installed @tensorflow/tfjs-node-gpu",
    fix: "Run fer setup tensorflow, or use the engine onnx",
  });
}
