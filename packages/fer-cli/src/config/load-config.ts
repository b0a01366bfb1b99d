/**
 * Finds and loads `fer.config.{ts,mts,js,mjs,json}`. TypeScript goes through jiti, so that it works on Node 20; the
 * `@fer` packages, TensorFlow.js and zod that it imports are the ones that `fer` itself uses.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FormatError, nearest, OptionsError } from "@fer/core";
import { SECTIONS } from "../commands/index.js";

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
    const { createJiti } = await import("jiti");
    // TensorFlow.js as Node loads it: through jiti it takes three seconds
    const jiti = createJiti(import.meta.url, {
      alias: sharedModules(),
      fsCache: false,
      nativeModules: ["@tensorflow/tfjs"],
    });
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

/** Whatever a config may import even where it is installed beside `fer` only: our packages, and what they share. */
function sharedModules(): Record<string, string> {
  const require = createRequire(import.meta.url);
  interface Manifest {
    name: string;
    dependencies: Record<string, string>;
    exports: Record<string, unknown>;
  }
  const own = require("../../package.json") as Manifest;
  const ours = [own.name, ...Object.keys(own.dependencies).filter((name) => name.startsWith("@fer/"))];
  const entries = ours.flatMap((name) =>
    Object.keys((require(`${name}/package.json`) as Manifest).exports).map((path) => name + path.slice(1)),
  );
  const urls = {
    ...Object.fromEntries(
      entries.filter((name) => !name.endsWith(".json")).map((name) => [name, import.meta.resolve(name)]),
    ),
    "@tensorflow/tfjs": import.meta.resolve("@tensorflow/tfjs"),
    zod: import.meta.resolve("zod"),
  };
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, fileURLToPath(url)]));
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
