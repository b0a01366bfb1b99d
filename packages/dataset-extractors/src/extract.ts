/**
 * `extract`: an official dataset folder in, one verified image folder out (see `image-folder.ts`).
 *
 * Invariants: every annotation row read ends as a sample or a counted skip; the same input, options and tool give the
 * same bytes whatever the number of workers; the output appears at once when complete; an interrupted extraction goes on
 * where it stopped; memory does not grow with the dataset.
 */
import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { parseAdapterOptions, type DatasetAdapter } from "./adapter.js";
import { adapters } from "./datasets/index.js";
import { FerError, OptionsError, unknownName, makeFolder } from "@fer/core";
import { Extraction } from "./extract/extraction.js";
import {
  parseExtractOptions,
  type ExtractContext,
  type ExtractOptions,
  type ExtractResult,
} from "./extract/options.js";
import { isSame, otherDataset, otherOptions } from "./extract/refusals.js";
import {
  checkPlaces,
  existingOutput,
  isComplete,
  leaveWorkplace,
  openWorkplace,
  publish,
  writeError,
} from "./extract/target.js";
import { isArchive, openArchive, withArchives } from "./formats/archive.js";
import { Folder } from "./tree/folder.js";
import type { DatasetInfo } from "@fer/core/image-folder";
import { VERSION } from "./version.js";

/**
 * Extracts a dataset.
 *
 * @param input Which dataset, from where, to where. See {@link ExtractOptions}.
 * @param context An adapter of your own, progress, and a signal to stop.
 * @throws OptionsError, DatasetError, FormatError with what was found, what was expected and what to do.
 * @example
 * ```ts
 * import { extract } from "@fer/dataset-extractors";
 *
 * const { info } = await extract({ adapter: "folders", from: "my-faces", to: "data/my-faces" });
 * console.log(info.total, info.verification.status); // 3 unknown
 * ```
 */
export async function extract(
  input: z.input<typeof ExtractOptions>,
  context: ExtractContext = {},
): Promise<ExtractResult> {
  const options = parseExtractOptions(input);
  const adapter = resolveAdapter(options.adapter, context.adapter);
  const to = path.resolve(options.to);
  await checkPlaces(options.from, to);
  const before = await existingOutput(to);
  const isPacked = isArchive(options.from) && (await stat(options.from).catch(() => undefined))?.isFile() === true;
  const given = isPacked ? await openArchive(options.from) : await Folder.open(options.from);
  const job = { adapter, options, to, before, context };
  try {
    return await extractFolder(given, job);
  } catch (error) {
    // labels beside archives of pictures, or archives alone
    const isIncomplete =
      error instanceof FerError && ["UNKNOWN_LAYOUT", "NO_SAMPLES", "NO_IMAGES"].includes(error.code);
    if (isIncomplete && given.archives.some(isArchive)) return extractFolder(await withArchives(given), job);
    throw error;
  }
}

interface ExtractJob {
  adapter: DatasetAdapter;
  options: ExtractOptions;
  to: string;
  before: Awaited<ReturnType<typeof existingOutput>>;
  context: ExtractContext;
}

async function extractFolder(
  whole: Folder,
  { adapter, options, to, before, context }: ExtractJob,
): Promise<ExtractResult> {
  const started = new Date();
  const own = parseAdapterOptions(adapter.name, adapter.options, options.options);
  const { form, folder } = await adapter.detect(whole, options.options, options.form);
  const source = listing(whole);
  const identity = {
    adapter: adapter.name,
    form: form.name,
    options: own,
    decoder: options.decoder,
    margin: options.margin,
    aligned: options.align ? options.alignedSize : null,
    version: VERSION,
  };
  if (before !== undefined) {
    const { info, time } = before;
    const sameOptions = Object.entries(identity).every(([k, v]) => isSame(info[k as keyof DatasetInfo], v));
    const isCurrent = sameOptions && isSame(info.source, source) && (await isComplete(to, info));
    if (isCurrent && (await whole.lastChange()) < time) {
      await rm(partialOf(to), { recursive: true, force: true });
      return { status: "unchanged", folder: to, info, decoded: 0, resumed: 0 };
    }
    if (info.adapter !== adapter.name) throw otherDataset(options.to, info.adapter, adapter.name);
    if (!sameOptions && !options.overwrite) throw otherOptions(options.to, info, identity);
  }
  try {
    await makeFolder(path.dirname(to));
    const place = await openWorkplace(to, { ...identity, source }, () => whole.lastChange());
    try {
      const detected = { form, folder };
      const run = new Extraction(adapter, detected, own, options, place, context);
      await run.readAll();
      const info = await run.finish({ ...identity, root: folder.prefix, source }, started);
      await publish(place, to);
      return { status: "written", folder: to, info, decoded: run.decoded, resumed: run.resumed };
    } catch (error) {
      // the dataset has to change first, and then nothing of this can be kept
      if (error instanceof FerError && error.code !== "ABORTED") await rm(place.dir, { recursive: true, force: true });
      throw error;
    } finally {
      await leaveWorkplace(place);
    }
  } catch (error) {
    throw error instanceof FerError ? error : writeError(error, options.to);
  }
}

function resolveAdapter(name: string | undefined, own: DatasetAdapter | undefined): DatasetAdapter {
  if (own !== undefined) return own;
  const names = Object.keys(adapters);
  if (name === undefined) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "extract",
      found: "no adapter is named",
      expected: `one of ${names.join(", ")}, or one of your own passed by value`,
    });
  }
  const adapter = adapters[name];
  if (adapter === undefined) throw unknownName("adapter", name, names);
  return adapter;
}

/** What lies in the source, in a form that can be compared. */
function listing(folder: Folder): { files: number; listing: string } {
  const hash = createHash("sha256");
  for (const file of folder.files) hash.update(`${file}\n`);
  return { files: folder.files.length, listing: hash.digest("hex") };
}

const partialOf = (to: string) => path.join(path.dirname(to), `.${path.basename(to)}.partial`);
