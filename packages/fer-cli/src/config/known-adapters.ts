/** Datasets by name: those of the library, and those that the config file passes by value. */
import { type DatasetAdapter, adapters } from "@fer/dataset-extractors";
import type { LoadedConfig } from "./load-config.js";

/** One's own adapters come first where a name is taken twice. */
export function knownAdapters(config: LoadedConfig | undefined): Readonly<Record<string, DatasetAdapter>> {
  return { ...adapters, ...Object.fromEntries(ownAdapters(config).map((adapter) => [adapter.name, adapter])) };
}

/** Adapters in the `extract` section of a config file. */
export function ownAdapters(config: LoadedConfig | undefined): DatasetAdapter[] {
  return (config?.config.extract ?? []).flatMap(({ adapter }) => (typeof adapter === "object" ? [adapter] : []));
}
