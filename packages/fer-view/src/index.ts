export { ViewOptions } from "./options.js";
export { view } from "./view.js";
export type { Viewer, ViewHooks } from "./view.js";
