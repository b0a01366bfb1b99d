export { html, Html, raw } from "./html.js";
export { STYLE } from "./style.js";
export { facts, table } from "./table.js";
export type { Column } from "./table.js";
