/**
 * Where an installation lies and what is in it:
 *
 *     <cache>/tensorflow/<version>-<cpu|gpu>/
 *       manifest.json                       written last: a folder without it is not an installation
 *       tensorflow/libtensorflow_cc.so.2    and libtensorflow_framework.so.2, from the wheel
 *       nvidia/                             CUDA libraries, gpu only (found through the wheel's own runpath)
 *       tfjs_binding.node                   the N-API addon of tfjs-node-gpu, one binary for all Node versions
 *       stderr.node                         keeps stderr clean while TensorFlow loads (`native/stderr.cc`)
 *
 * `<cache>` is `FER_CACHE`, or `fer` in the user's cache folder.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@fer/core";
import { type Flavour, TENSORFLOW_VERSION } from "./release.js";

/** `manifest.json` of an installation. */
export interface InstallationManifest {
  schema: 1;
  version: string;
  flavour: Flavour;
  wheel: { file: string; sha256: string };
  binding: string;
  /** Compiler that built the addon, or "prebuilt". */
  compiler: string;
  /** Bytes of the wheels and the tarball. */
  downloaded: number;
  /** Bytes of what is kept. */
  bytes: number;
}

export interface Installation {
  folder: string;
  manifest: InstallationManifest;
}

/** The folder that holds all installations, their downloads and the lock. */
export const tensorFlowFolder = (): string => join(cacheFolder(), "tensorflow");

/** Folder of the installation of one flavour, whether it is there or not. */
export const installationFolder = (flavour: Flavour, cache = tensorFlowFolder()): string =>
  join(cache, `${TENSORFLOW_VERSION}-${flavour}`);

/** What is loaded; an installation that has lost one is none, so that setting up again repairs it. */
const LOADED = ["tfjs_binding.node", "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"];

/** The complete installation of a flavour, or `undefined`. */
export function installationOf(flavour: Flavour, cache = tensorFlowFolder()): Installation | undefined {
  const folder = installationFolder(flavour, cache);
  if (!LOADED.every((file) => existsSync(join(folder, file)))) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as InstallationManifest;
    return { folder, manifest };
  } catch {
    return undefined;
  }
}

/**
 * The installation that an engine should use: the one asked for, else gpu before cpu.
 *
 * @example
 * ```ts
 * import { findInstallation } from "@fer/tfjs-graph/setup";
 *
 * console.log(findInstallation()?.folder ?? "not set up"); // such as not set up
 * ```
 */
export function findInstallation(flavour?: Flavour, cache = tensorFlowFolder()): Installation | undefined {
  return flavour ? installationOf(flavour, cache) : (installationOf("gpu", cache) ?? installationOf("cpu", cache));
}
