export { DatasetError, EngineError, FerError, FormatError, OptionsError, nearest, unknownName } from "@fer/core";
export type { FerErrorParts } from "@fer/core";
export { BASIC_EXPRESSIONS, EXPRESSIONS, Expression, expressionNamed, labelOf } from "@fer/core";
export {
  Expected,
  Sample,
  SampleImage,
  Skipped,
  countsByName,
  defineAdapter,
  parseAdapterOptions,
  safeId,
} from "./adapter.js";
export type {
  AdapterDefinition,
  DatasetAdapter,
  DetectedForm,
  ExpectedInput,
  Form,
  SampleInput,
  SkippedInput,
  Tally,
} from "./adapter.js";
export { Folder, base, isImageName, stem } from "./tree/folder.js";
export type { Lookup } from "./tree/folder.js";
export { csvRecords, csvRows } from "./files/csv.js";
export type { CsvColumns, CsvRecord, CsvRow } from "./files/csv.js";
export { parseFrameLabels } from "./readers/frame-labels.js";
export { listRows } from "./files/list-file.js";
export { npyScalar } from "@fer/core";
export { fileLines, textLines } from "@fer/core";
export type { TextLine, TextSource } from "@fer/core";
export { xlsxRows } from "./files/sheet.js";
export type { Progress } from "@fer/core";
export { loadDecoder } from "./image/decode.js";
export { DecoderName } from "./image/decoder-name.js";
export type { Decoder } from "./image/decode.js";
export { toGrey } from "./image/grey.js";
export { dhash, hammingDistance, pixelHash } from "./image/hash.js";
export { readHeader } from "./image/header.js";
export type { ImageFormat, ImageHeader } from "./image/header.js";
export type { Picture } from "./image/picture.js";
export { extract } from "./extract.js";
export { ExtractOptions } from "./extract/options.js";
export type { ExtractContext, ExtractResult } from "./extract/options.js";
export { adapters } from "./datasets/index.js";
export { encodePng } from "./image/write-png.js";
export { InspectOptions, inspect } from "./inspect/inspect.js";
export type { InspectHooks, InspectResult, Twins } from "./inspect/inspect.js";
export { contactSheet } from "./inspect/contact-sheet.js";
export { findingsPage } from "./inspect/findings-page.js";
export { writeFindings } from "./inspect/write-findings.js";
export { DownloadOptions, DownloadRow, downloadImages } from "./download/download.js";
export { urlLists } from "./download/url-lists.js";
export type { DownloadHooks, DownloadItem, DownloadResult } from "./download/download.js";
export { ExportOptions, exportParquet } from "./export/parquet.js";
export type { ExportHooks, ExportResult } from "./export/parquet.js";
