export { ServeOptions } from "./options.js";
export { serve } from "./serve.js";
export type { ServeHooks } from "./serve.js";
export type { Server } from "./server.js";
