import type { FerConfig } from "./fer-config.js";

/**
 * Gives a `fer.config.ts` its types: completion and checks for every key. Returns what it is given.
 *
 * @example
 * ```ts
 * import { defineConfig } from "@fer/cli";
 *
 * export default defineConfig({
 *   extract: [{ adapter: "ckplus", from: "CK+", to: "data/ckplus" }],
 *   assemble: { name: "ckplus", to: "features", split: "subject" },
 *   train: { to: "runs/first", epochs: 30 },
 * });
 * ```
 */
export function defineConfig(config: FerConfig): FerConfig {
  return config;
}
