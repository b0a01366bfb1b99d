/** Official datasets -> image folders: read, looked over, fetched and handed on. */
export type { AdapterDefinition, Form, Notes } from "./definition.js";
export { defineAdapter } from "./adapter.js";
export type { DatasetAdapter, ReadOptions } from "./adapter.js";
export { Expected } from "./items.js";
export { extract } from "./extract.js";
export { ExtractOptions } from "./extract/options.js";
export type { ExtractContext, ExtractResult } from "./extract/options.js";
export { adapters } from "./datasets/index.js";
export { inspect, InspectOptions } from "./inspect/inspect.js";
export type { InspectResult } from "./inspect/inspect.js";
export { writeFindings } from "./inspect/write-findings.js";
export { downloadImages, DownloadOptions } from "./download/download.js";
export type { DownloadHooks, DownloadResult } from "./download/download.js";
export { urlLists } from "./download/url-lists.js";
export { writeImageParquet } from "./export/image-parquet.js";
export type { ImageParquet } from "./export/image-parquet.js";
export { exportParquet, ExportOptions } from "./export/parquet.js";
export type { ExportResult } from "./export/parquet.js";
