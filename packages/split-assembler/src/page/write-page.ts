/** Writes the page of a set and its Croissant description into its folder. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "@fer/core/artifact";
import { readSetInfo } from "@fer/core/set";
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

/** They stand apart: both can be drawn again or thrown away, and are not among the files that are compared. */
export async function writePage(tree: string, { options, split, files, signal }: PageTask): Promise<void> {
  const { name, size, channels, fit, decoder } = options;
  const { info } = await readSetInfo(tree, name);
  const { leaks, thinned } = info;
  const hasTwins = thinned !== undefined || leaks.exact + (leaks.near ?? 0) > 0;
  const twins = hasTwins ? twinsOf(split) : [];
  const settings = { size, channels, fit, decoder };
  const pairs = await picturesOf(twins.slice(0, SHOWN_PAIRS), { settings, signal });
  await writeFile(join(tree, `${name}.croissant.json`), croissant(info, files));
  await writeFile(join(tree, `${name}.html`), setPage({ info, pairs, twins: twins.length }));
}
