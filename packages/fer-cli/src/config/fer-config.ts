/** What `fer.config.ts` holds. Placeholder until the libraries' options land. */
export const CONFIG_KEYS: readonly string[] = ["$schema", "extract", "assemble", "train", "evaluate", "report"];
export type FerConfig = Record<string, unknown>;
