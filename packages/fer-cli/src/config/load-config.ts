/** Finds and loads `fer.config.{ts,mts,js,mjs,json}`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { FormatError, nearest, OptionsError } from "@fer/core";
import { SECTIONS } from "../commands/index.js";
import { importModule } from "./import-module.js";

/** File names that are looked for, in this order. */
export const CONFIG_FILES = ["fer.config.ts", "fer.config.mts", "fer.config.js", "fer.config.mjs", "fer.config.json"];

/** Keys of a config file. */
const CONFIG_KEYS: readonly string[] = ["$schema", ...SECTIONS];

/** A config file and what it holds. */
export interface LoadedConfig {
  /** Absolute path. */
  file: string;
  /** Folder of the file: its relative paths start here. */
  folder: string;
  /** As written: each command checks its section. */
  config: Readonly<Record<string, unknown>>;
}

/** The config file of a folder that a command would read; `undefined` when it has none. */
export function findConfig(folder: string): string | undefined {
  return CONFIG_FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Loads a config file: a TypeScript or JavaScript one is executed.
 *
 * @throws {OptionsError} when it does not exist, or a key is unknown.
 * @throws {FormatError} when it cannot be read or run.
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new OptionsError({
      code: "NO_CONFIG",
      subject: "--config",
      found: `there is no file "${file}"`,
      fix: "Run fer init to write one",
    });
  }
  return { file: path, folder: dirname(path), config: checkKeys(path, await read(path)) };
}

async function read(path: string): Promise<unknown> {
  try {
    if (extname(path) === ".json") return JSON.parse(readFileSync(path, "utf8"));
    return await importModule(path);
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

function checkKeys(path: string, value: unknown): LoadedConfig["config"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatError({
      code: "BAD_CONFIG",
      subject: path,
      found: "it does not export a config object",
      expected: 'export default defineConfig({ ... }) with defineConfig from "@fer/cli"',
    });
  }
  const unknown = Object.keys(value).find((key) => !CONFIG_KEYS.includes(key));
  if (unknown === undefined) return value as LoadedConfig["config"];
  const near = nearest(unknown, CONFIG_KEYS);
  throw new OptionsError({
    code: "BAD_CONFIG",
    subject: path,
    found: `unknown key "${unknown}"`,
    expected: `one of ${CONFIG_KEYS.join(", ")}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((key) => `"${key}"`).join(" or ")}?` } : {}),
  });
}
