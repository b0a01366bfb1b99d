export { defineConfig } from "./config/define-config.js";
export type { FerConfig } from "./config/fer-config.js";
