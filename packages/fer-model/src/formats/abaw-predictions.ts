/** What a table says of frames, as ABAW's codes. */
import { basename } from "node:path";
import { expressionNamed, fileLines } from "@fer/core";
import { ABAW_CLASSES, type AbawEdition, NO_FACE } from "./abaw.js";
import { badFile, cellsOf, placeOf } from "./abaw-codes.js";

/** Codes by video and frame, from a table of predictions. @throws FormatError */
export async function predictedCodes(
  file: string,
  { edition, onNote }: { edition: AbawEdition; onNote: ((text: string) => void) | undefined },
): Promise<Map<string, Map<number, number>>> {
  const codes = classCodes(edition);
  const videos = new Map<string, Map<number, number>>();
  const left = { undecoded: 0, others: 0 };
  let columns: Columns | undefined;
  for await (const { line, text } of fileLines(file)) {
    if (text.trim() === "") continue;
    const cells = cellsOf(text);
    if (columns === undefined) {
      columns = columnsOf(cells, file);
      continue;
    }
    const { place, face, expression, problem } = rowOf(cells, columns);
    if (place === null)
      throw badFile(`${file}, line ${line}`, {
        found: `"${cells[columns.where]}"`,
        expected: "<video>/<frame>.jpg, such as clip/00001.jpg",
      });
    const frames = videos.get(place.video) ?? new Map<number, number>();
    videos.set(place.video, frames);
    if (frames.has(place.frame)) {
      if (Number(face) > 1) {
        left.others += 1;
        continue;
      }
      throw badFile(`${file}, line ${line}`, {
        found: `frame ${place.frame} of ${place.video} for the second time`,
        expected: "each frame once",
      });
    }
    if (problem !== "") left.undecoded += 1;
    const code = expression === "" ? NO_FACE : codes.get(canonical(expression));
    if (code === undefined) {
      throw badFile(`${file}, line ${line}`, {
        found: `the class ${expression}, which ${edition} does not have`,
        expected: ABAW_CLASSES[edition].join(", "),
        fix: "Predict with a model of these classes",
      });
    }
    frames.set(place.frame, code);
  }
  if (left.undecoded > 0) onNote?.(`${left.undecoded} frames that could not be decoded are -1`);
  if (left.others > 0) onNote?.(`${left.others} smaller faces beside another one in their frame are left out`);
  return videos;
}

/** Where a table says what; -1 where it does not. */
interface Columns {
  /** Of the file, or the id. */
  where: number;
  isId: boolean;
  frame: number;
  face: number;
  expression: number;
  problem: number;
}

function columnsOf(cells: readonly string[], file: string): Columns {
  const at = (...names: string[]): number => cells.findIndex((name) => names.includes(name));
  const [where, expression] = [at("file", "id"), at("expression", "predicted")];
  if (where === -1 || expression === -1) {
    throw badFile(file, {
      found: `the columns ${cells.join(", ").slice(0, 80)}`,
      expected: "file and expression, as fer predict --csv writes them, or id and predicted, as a run does",
    });
  }
  return {
    where,
    isId: cells[where] === "id",
    frame: at("frame"),
    face: at("face"),
    expression,
    problem: at("problem"),
  };
}

function rowOf(cells: readonly string[], columns: Columns) {
  const cell = (column: number): string => (column === -1 ? "" : (cells[column] ?? "").trim());
  const where = cell(columns.where);
  const frame = cell(columns.frame);
  const place =
    frame === ""
      ? placeOf(columns.isId ? where.replace(/_(\d+)$/, "/$1") : where)
      : { video: basename(where.replaceAll("\\", "/")).replace(/\.[^.]+$/, ""), frame: Number(frame) + 1 };
  return { place, face: cell(columns.face), expression: cell(columns.expression), problem: cell(columns.problem) };
}

const canonical = (name: string): string => expressionNamed(name) ?? name.trim().toLowerCase();

const classCodes = (edition: AbawEdition): ReadonlyMap<string, number> =>
  new Map(ABAW_CLASSES[edition].map((name, code) => [canonical(name), code]));
