/** What an adapter of one's own is made of: a folder tree, tables, lists, class folders. */
export { Folder } from "../tree/folder.js";
export type { FindOptions, Lookup } from "../tree/folder.js";
export { fileName, fileStem, isImageName } from "../tree/names.js";
export { csvTable } from "../files/csv.js";
export type { CsvColumns, TableRow } from "../files/csv.js";
export { listTable } from "../files/list-file.js";
export { classFolders, classImages } from "./class-folders.js";
export type { ClassImage } from "./class-folders.js";
export { listed } from "./listed.js";
export type { Listing, RowReading } from "./listed.js";
export { namedImages } from "./named-images.js";
export { safeId } from "../ids.js";
export { Sample, Skipped } from "../items.js";
export type { SampleInput, SkippedInput } from "../items.js";
