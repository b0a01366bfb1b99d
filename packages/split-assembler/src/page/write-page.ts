/** Writes the page of a set and its Croissant description into its folder. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "@fer/core/artifact";
import { infoFile, SetInfo } from "@fer/core/set";
import type { AssemblerOptions } from "../options.js";
import type { Split } from "../split.js";
import { croissant } from "./croissant.js";
import { setPage } from "./set-page.js";
import { picturesOf, twinsOf } from "./twin-pairs.js";

/** Pairs of twins on the page of a set. */
const SHOWN_PAIRS = 60;

/** What is drawn. */
interface PageTask {
  options: AssemblerOptions;
  split: Split;
  /** Files of the set, by name. */
  files: ReadonlyMap<string, FileEntry>;
  signal?: AbortSignal | undefined;
}

/** Of the set that stands in the folder; resolves to the names of the two files. */
export async function writePage(tree: string, { options, split, files, signal }: PageTask): Promise<string[]> {
  const { name, size, channels, fit, decoder } = options;
  const info = SetInfo.parse(JSON.parse(await readFile(infoFile({ folder: tree, name }), "utf8")));
  const { leaks, thinned } = info;
  const hasTwins = thinned !== undefined || leaks.exact + (leaks.near ?? 0) > 0;
  const twins = hasTwins ? twinsOf(split) : [];
  const settings = { size, channels, fit, decoder };
  const pairs = await picturesOf(twins.slice(0, SHOWN_PAIRS), { settings, signal });
  const written = {
    [`${name}.croissant.json`]: croissant(info, files),
    [`${name}.html`]: setPage({ info, pairs, twins: twins.length }),
  };
  for (const [file, text] of Object.entries(written)) await writeFile(join(tree, file), text);
  return Object.keys(written);
}
