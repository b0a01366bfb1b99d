/** Takes a command's part out of the config file, apart from what is passed by value. */
import { isAbsolute, relative, resolve } from "node:path";
import type { ConfigSection } from "../define-command.js";
import type { LoadedConfig } from "./load-config.js";

/** Keys that hold a path relative to the config file. */
const PATHS: Readonly<Record<string, true>> = { from: true, to: true, set: true, run: true, on: true, folders: true };

/** Keys of any section that are passed by value. */
const BY_VALUE = new Set(["model", "callbacks", "augmentations"]);

/** The section `name` (or `value`, where the section is a list), with paths as seen from the working directory. */
export function configSection(config: LoadedConfig, name: string, value?: unknown): ConfigSection | undefined {
  const section = value ?? (config.config as Record<string, unknown>)[name];
  if (typeof section !== "object" || section === null) return undefined;
  const entries = Object.entries(section);
  const isValue = ([key, each]: [string, unknown]): boolean =>
    BY_VALUE.has(key) || (key === "adapter" && typeof each === "object");
  return {
    name,
    options: Object.fromEntries(
      entries
        .filter((entry) => !isValue(entry))
        .map(([key, each]) => [key, Object.hasOwn(PATHS, key) ? fromHere(config, each) : each]),
    ),
    byValue: Object.fromEntries(entries.filter(isValue)),
  };
}

function fromHere(config: LoadedConfig, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => fromHere(config, each));
  if (typeof value !== "string" || isAbsolute(value)) return value;
  return relative(process.cwd(), resolve(config.folder, value)) || ".";
}
