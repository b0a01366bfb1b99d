import { parseSidecar } from "./json-sidecar.js";
import type { TextLine } from "@fer/core";

/** Objects of a JSON Lines file by normalised key (see `json-sidecar.ts`). Blank lines are no rows. */
export async function* jsonLines(
  lines: AsyncIterable<TextLine>,
  file: string,
): AsyncGenerator<{ line: number; values: Map<string, unknown> }> {
  for await (const { line, text } of lines) {
    if (text.trim() !== "") yield { line, values: parseSidecar(text, `${file}, line ${line}`) };
  }
}
