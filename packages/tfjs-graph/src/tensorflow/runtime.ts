/**
 * Finds and loads TensorFlow: the N-API addon of tfjs-node(-gpu) on a libtensorflow. Only the addon's functions are
 * used; no package of tfjs-node has to be loaded, and no Python.
 *
 * Layout of a set-up folder (written by `fer setup tensorflow`, default `<cache>/fer/tensorflow`):
 *
 *     tfjs_binding.node                         the addon, linked with runpath $ORIGIN/tensorflow
 *     tensorflow/libtensorflow_cc.so.2          from the PyPI wheel tensorflow-cpu (or tensorflow, for CUDA)
 *     tensorflow/libtensorflow_framework.so.2
 *     nvidia/                                   CUDA libraries of the nvidia-* wheels, only with CUDA
 *     setup.json                                { "tensorflow": "2.21.0", "gpu": false, ... }
 *
 * `<cache>` is `FER_CACHE`, else the cache folder of the platform. The folder may also be named by `FER_TENSORFLOW`.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { GraphError } from "../errors.js";

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
  /** What `setup.json` says, for a set-up folder. */
  setup: Record<string, unknown> | null;
}

const ADDON = "tfjs_binding.node";
const require = createRequire(import.meta.url);

/** The folder that `fer setup tensorflow` fills. */
export function tensorFlowFolder(): string {
  return join(cacheFolder(), "fer", "tensorflow");
}

function cacheFolder(): string {
  const { FER_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (FER_CACHE) return FER_CACHE;
  if (process.platform === "win32") return LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME ?? join(homedir(), ".cache");
}

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
 * if (found !== null) console.log(loadTensorFlow(found).version);
 * ```
 */
export function findTensorFlow(from: string = process.cwd()): FoundTensorFlow | null {
  const { FER_TENSORFLOW } = process.env;
  const folders = [
    ...(FER_TENSORFLOW ? [{ folder: FER_TENSORFLOW, source: "folder" as const }] : []),
    { folder: tensorFlowFolder(), source: "cache" as const },
  ];
  for (const { folder, source } of folders) {
    const addon = join(folder, ADDON);
    if (existsSync(addon)) return { addon, source, setup: readSetup(folder) };
  }
  for (const name of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    const addon = installedAddon(name, from);
    if (addon !== null) return { addon, source: "installed", setup: null };
  }
  return null;
}

function readSetup(folder: string): Record<string, unknown> | null {
  const file = join(folder, "setup.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : null;
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
