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
import { findInstallation } from "../setup/installation.js";

/** The functions of the addon that are used here. Tensors are numbers: handles that must be deleted. */
export interface Binding {
  createTensor(shape: number[], dtype: number, data: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): { id: number }[];
  isUsingGpuDevice(): boolean;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_UINT8: number;
  TF_BOOL: number;
  TF_Version: string;
}

export interface TensorFlowRuntime {
  binding: Binding;
  /** Version of libtensorflow. */
  version: string;
  device: "CPU" | "GPU";
  /** Where it was loaded from. */
  path: string;
}

/** A TensorFlow that lies here, not loaded yet. */
export interface FoundTensorFlow {
  /** The addon file. */
  addon: string;
  source: "folder" | "cache" | "installed";
}

const ADDON = "tfjs_binding.node";
const require = createRequire(import.meta.url);

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
 * if (found !== null) console.log(loadTensorFlow(found).version); // such as 2.21.0
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
 * Loads TensorFlow into the process; a second call for the same file gives the same.
 *
 * @param where A set-up folder, or what {@link findTensorFlow} found.
 * @throws GraphError when the addon or libtensorflow cannot be loaded, with the loader's reason.
 */
export function loadTensorFlow(where: string | FoundTensorFlow): TensorFlowRuntime {
  const path = typeof where === "string" ? join(where, ADDON) : where.addon;
  // What libtensorflow logs at start-up says nothing to a user of this package.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  try {
    const binding = require(path) as Binding;
    return { binding, version: binding.TF_Version, device: binding.isUsingGpuDevice() ? "GPU" : "CPU", path };
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
