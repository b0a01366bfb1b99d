/** Datasets by name: those of the library, and those that the `extract` section of a config file passes by reference. */
import { adapters, type DatasetAdapter } from "@fer/dataset-extractors";
import type { LoadedConfig } from "./load-config.js";
import { writtenSections } from "./sections.js";

/** Adapters of one's own come first where a name is taken twice. */
export function knownAdapters(config: LoadedConfig | undefined): Readonly<Record<string, DatasetAdapter>> {
  const written = config === undefined ? [] : writtenSections(config, "extract");
  const own = written.flatMap(({ entry: { adapter } }) => (isAdapter(adapter) ? [adapter] : []));
  return { ...adapters, ...Object.fromEntries(own.map((adapter) => [adapter.name, adapter])) };
}

/** Whether a value of the config file is an adapter, and not the name of one. */
export const isAdapter = (value: unknown): value is DatasetAdapter =>
  typeof value === "object" && value !== null && "forms" in value && "name" in value;
