/**
 * Writes an inspection to a folder: `findings.json`, `quality.csv` (pictures of poor quality to look through, as
 * `assemble --exclude` reads it), `contact-sheet-<n>.png` (one a folder) and `index.html`.
 */
import { join } from "node:path";
import { csvCell, writeAtomic } from "@fer/core";
import { contactSheet } from "./contact-sheet.js";
import { findingsPage } from "./findings-page.js";
import type { InspectResult } from "./inspect.js";

/** Returns the paths written. Each file appears when it is complete. */
export async function writeFindings(result: InspectResult, to: string): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | Buffer): Promise<void> => {
    const file = join(to, name);
    await writeAtomic(file, content);
    written.push(file);
  };
  await write("findings.json", `${JSON.stringify(result, null, 2)}\n`);
  // kept until somebody writes exclude
  const rows = result.lists.quality.map(({ source, reason }) => `${csvCell(source)},keep,${reason}\n`);
  await write("quality.csv", ["sample,verdict,reason\n", ...rows].join(""));
  for (const [i, { folder }] of result.folders.entries()) {
    await write(`contact-sheet${result.folders.length > 1 ? `-${i + 1}` : ""}.png`, await contactSheet(folder));
  }
  await write("index.html", await findingsPage(result));
  return written;
}
