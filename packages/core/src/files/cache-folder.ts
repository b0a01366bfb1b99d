/** Where @fer keeps what can be made again: unpacked archives, TensorFlow. */
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * `FER_CACHE`, or `fer` in the user's cache folder (Linux: `XDG_CACHE_HOME` or `~/.cache`; macOS: `~/Library/Caches`;
 * Windows: `LOCALAPPDATA`). A variable that is set to nothing counts as not set.
 *
 * @example
 * ```ts
 * import { cacheFolder } from "@fer/core";
 *
 * console.log(cacheFolder({ FER_CACHE: "/tmp/fer" })); // /tmp/fer
 * ```
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { FER_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = environment;
  if (FER_CACHE) return FER_CACHE;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "fer");
  if (process.platform === "win32") return join(LOCALAPPDATA || join(homedir(), "AppData", "Local"), "fer");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "fer");
}
