/** Rows of a user's own list, whatever it is written in: cells by column, and the face box. */
import type { Misfit } from "../../definition.js";
import { columnName, csvTable, firstCells, missingFrom } from "../../files/csv.js";
import { jsonLines, sidecarKey } from "../../files/json.js";
import { boxColumns, boxNumbers, boxOf, type BoxColumns } from "../../readers/box-columns.js";
import type { WrittenBox } from "../../readers/box-fit.js";
import type { Folder } from "../../tree/folder.js";
import { ownColumns, type ListOptions } from "./options.js";

/** A row: what its columns hold, and its face box or what is wrong with it. */
export interface Row {
  source: string;
  box: ReturnType<typeof boxOf>;
  /** The box as written, which tells the faces of a picture apart, and its numbers, where it has four. */
  boxText: string;
  numbers?: WrittenBox["numbers"] | undefined;
  get(column: string): string;
}

/** A list. */
export interface List {
  file: string;
  options: ListOptions;
}

/** A list that has been opened. */
export interface OpenList {
  rows(): AsyncIterable<Row>;
  /** What its columns of a face box hold; `null` where it has none. */
  box: BoxColumns["kind"] | null;
  /** Columns that are not read. */
  unreadColumns: readonly string[];
}

/** Files that a list may be in, and which are not read. */
const OTHER_TABLE = /\.(txt|lst|json|xlsx?|ods|parquet|ya?ml|xml)$/i;

const isJson = (file: string) => /\.jsonl$/i.test(file);

/** Opens a list: csv, tsv or jsonl. */
export function openList(folder: Folder, list: List): Promise<OpenList> {
  return isJson(list.file) ? openJson(folder, list) : openCsv(folder, list);
}

async function openCsv(folder: Folder, { file, options }: List): Promise<OpenList> {
  const own = new Set(ownColumns(options).map(columnName));
  const cells = (await firstCells(folder, file)).map(columnName);
  const others = cells.filter((cell) => cell !== "" && !own.has(cell));
  const box = boxColumns({ file, columns: others }, options.box);
  const { path, label, subject, group, split } = options;
  const required = [path, label];
  const optional = [subject, group, split, ...(box?.names ?? [])].filter((name) => !required.includes(name));
  async function* rows(): AsyncGenerator<Row> {
    for await (const { source, ...values } of csvTable(folder, { file, required, optional })) {
      const get = (name: string) => values[name] ?? "";
      yield { source, ...boxIn(box, get), get };
    }
  }
  return { rows, box: box?.kind ?? null, unreadColumns: others.filter((name) => !box?.names.includes(name)) };
}

async function openJson(folder: Folder, list: List): Promise<OpenList> {
  const rows = () => jsonRows(folder, list);
  const unreadColumns: string[] = [];
  for await (const { kind } of jsonRows(folder.peek(), list))
    if (kind !== null) return { rows, box: kind, unreadColumns };
  return { rows, box: null, unreadColumns };
}

async function* jsonRows(
  folder: Folder,
  { file, options }: List,
): AsyncGenerator<Row & { kind: BoxColumns["kind"] | null }> {
  const own = new Set(ownColumns(options).map(sidecarKey));
  for await (const { line, values } of jsonLines(folder.lines(file), file)) {
    spreadBox(values);
    const get = (name: string) => String(values.get(sidecarKey(name)) ?? "");
    const box = boxColumns({ file, columns: [...values.keys()].filter((key) => !own.has(key)) }, options.box);
    yield { source: `${file}:${line}`, ...boxIn(box, get), kind: box?.kind ?? null, get };
  }
}

/** `"box": [x, y, width, height]`, `"corners": [x1, y1, x2, y2]` and `"box": {...}` become keys of their own. */
function spreadBox(values: Map<string, unknown>): void {
  const kinds = { box: ["x", "y", "width", "height"], corners: ["x1", "y1", "x2", "y2"] };
  for (const [key, names] of Object.entries(kinds)) {
    const value = values.get(key);
    if (value === null) values.delete(key);
    if (typeof value !== "object" || value === null) continue;
    values.delete(key);
    const entries = Array.isArray(value)
      ? names.map((name, at) => [name, value[at] as unknown])
      : Object.entries(value);
    for (const [name, number] of entries) values.set(name as string, number);
  }
}

/** The box that the columns of a row hold. */
function boxIn(columns: BoxColumns | null, get: Row["get"]): Pick<Row, "box" | "boxText" | "numbers"> {
  if (columns === null) return { box: null, boxText: "" };
  const cells = columns.names.map((name) => get(name).trim());
  return { box: boxOf(cells, columns.kind), boxText: cells.join(" "), numbers: boxNumbers(cells) };
}

/** The lists of a folder whose first row has the path and the label, or the one that the option names. */
export async function findLists(
  folder: Folder,
  { extension, options }: { extension: RegExp; options: ListOptions },
): Promise<{ files: string[]; misfit: Misfit | undefined }> {
  const { file, path, label } = options;
  const isGiven = file !== null && folder.has(file) && extension.test(file);
  const candidates = isGiven ? [file] : file === null ? folder.findFiles(extension) : [];
  const files: string[] = [];
  let misfit: Misfit | undefined;
  for (const candidate of candidates) {
    const columns = isJson(candidate) ? [path, label].map(sidecarKey) : [path, label];
    const cells = isJson(candidate) ? jsonKeys(await folder.firstLine(candidate)) : await firstCells(folder, candidate);
    const found = missingFrom({ file: candidate, cells, columns });
    if (found === undefined) files.push(candidate);
    else if (misfit === undefined || found.near > misfit.near) misfit = found;
  }
  if (misfit !== undefined) {
    const hint = "--path and --label say what they are called";
    return { files, misfit: { misses: `${misfit.misses} (${hint})`, near: misfit.near + 0.1 } };
  }
  const [other] = candidates.length > 0 ? [] : folder.findFiles(OTHER_TABLE);
  const misses = `"${other}" cannot be read as a list: write it as .csv, .tsv or .jsonl`;
  return { files, misfit: other === undefined ? undefined : { misses, near: 0.05 } };
}

function jsonKeys(line: string): string[] {
  try {
    return Object.keys(JSON.parse(line) as object).map(sidecarKey);
  } catch {
    return [];
  }
}
