/**
 * Finds and loads `fer.config.{ts,mts,js,mjs,json}`. TypeScript goes through jiti, so that it works on Node 20; the
 * `@fer` packages, TensorFlow.js and zod that it imports are the ones that `fer` itself uses.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FormatError, OptionsError, nearest } from "@fer/core/errors";
import { CONFIG_KEYS, type FerConfig } from "./fer-config.js";

/** File names that are looked for, in this order. */
export const CONFIG_FILES = ["fer.config.ts", "fer.config.mts", "fer.config.js", "fer.config.mjs", "fer.config.json"];

/** A config file and what it holds. */
export interface LoadedConfig {
  /** Absolute path. */
  file: string;
  /** Folder of the file: its relative paths start here. */
  folder: string;
  config: FerConfig;
}

/** Packages that a config may import even where they are installed beside `fer` only. */
const SHARED = [
  "@fer/cli",
  "@fer/core",
  "@fer/core/artifact",
  "@fer/core/errors",
  "@fer/core/expressions",
  "@fer/core/image-folder",
  "@fer/core/run",
  "@fer/core/set",
  "@fer/dataset-extractors",
  "@fer/split-assembler",
  "@fer/split-assembler/set",
  "@fer/tfjs-graph",
  "@fer/tfjs-graph/ops",
  "@fer/tfjs-graph/setup",
  "@fer/model",
  "@tensorflow/tfjs",
  "zod",
];

/**
 * Loads `file`, or the first config file of `folder`; `undefined` when the folder has none.
 *
 * @throws {OptionsError} when `file` does not exist, or a key is unknown.
 * @throws {FormatError} when the file cannot be read or run.
 */
export async function loadConfig(folder: string, file?: string): Promise<LoadedConfig | undefined> {
  const path = file === undefined ? findConfig(folder) : resolve(folder, file);
  if (path === undefined) return undefined;
  if (!existsSync(path)) {
    throw new OptionsError({
      code: "NO_CONFIG",
      subject: "--config",
      found: `there is no file "${file}"`,
      fix: "Run fer init to write one",
    });
  }
  const config = checkKeys(path, await read(path));
  return { file: path, folder: dirname(path), config };
}

function findConfig(folder: string): string | undefined {
  return CONFIG_FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
}

async function read(path: string): Promise<unknown> {
  try {
    if (extname(path) === ".json") return JSON.parse(readFileSync(path, "utf8"));
    const { createJiti } = await import("jiti");
    const alias = Object.fromEntries(SHARED.map((name) => [name, fileURLToPath(import.meta.resolve(name))]));
    const jiti = createJiti(import.meta.url, { alias, fsCache: false, moduleCache: false });
    return await jiti.import(path, { default: true });
  } catch (error) {
    throw new FormatError({
      code: "BAD_CONFIG",
      subject: path,
      found: error instanceof Error ? error.message : String(error),
      expected: "a config file such as the one that fer init writes",
      cause: error,
    });
  }
}

function checkKeys(path: string, value: unknown): FerConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatError({
      code: "BAD_CONFIG",
      subject: path,
      found: "no config object is exported",
      expected: 'export default defineConfig({ ... }) with defineConfig from "@fer/cli"',
    });
  }
  const unknown = Object.keys(value).find((key) => !CONFIG_KEYS.includes(key));
  if (unknown === undefined) return value as FerConfig;
  const near = nearest(unknown, CONFIG_KEYS);
  throw new OptionsError({
    code: "BAD_CONFIG",
    subject: path,
    found: `unknown key "${unknown}"`,
    expected: `one of ${CONFIG_KEYS.join(", ")}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((key) => `"${key}"`).join(" or ")}?` } : {}),
  });
}
