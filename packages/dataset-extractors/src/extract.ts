/**
 * `extract`: an official dataset folder in, one verified image folder out (schema: `@fer/core/image-folder`).
 *
 * Invariants: every annotation row read ends as a sample or a counted skip; the same input, options and tool give the
 * same bytes whatever the number of workers; the output appears at once when complete; an interrupted extraction goes on
 * where it stopped; memory holds a few dozen bytes a row (its id), never a picture or a row of what is finished.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { DatasetError, FerError, OptionsError, parseOptions, unknownName } from "@fer/core";
import { build, Manifest, nearestRealPath } from "@fer/core/artifact";
import { readDatasetInfo } from "@fer/core/image-folder";
import { FACE_POSE, type FaceCrop } from "@fer/core/pixels";
import type { z } from "zod";
import { parseAdapterOptions, type DatasetAdapter } from "./adapter.js";
import { adapters } from "./datasets/index.js";
import { existingExtraction, FORMAT, isCurrent } from "./extract/existing.js";
import { Extraction } from "./extract/extraction.js";
import { ExtractOptions, type ExtractContext, type ExtractResult } from "./extract/options.js";
import { isArchive, openArchive, withArchives } from "./archive/archive.js";
import { Folder } from "./tree/folder.js";
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
  const options = parseOptions(input, { schema: ExtractOptions, subject: "extract" });
  checkFaces(options, context);
  const adapter = resolveAdapter(options.adapter, context.adapter);
  await refuseNested(options);
  await refuseOtherDataset(options.to, adapter.name);
  const isPacked = isArchive(options.from) && (await stat(options.from).catch(() => undefined))?.isFile() === true;
  const given = isPacked ? await openArchive(options.from, context) : await Folder.open(options.from);
  const job = { adapter, options, context };
  try {
    return await extractFolder(given, job);
  } catch (error) {
    // labels beside archives of pictures, or archives alone
    const isIncomplete =
      error instanceof FerError && ["UNKNOWN_LAYOUT", "NO_SAMPLES", "NO_IMAGES"].includes(error.code);
    if (isIncomplete && given.archives.some(isArchive)) return extractFolder(await withArchives(given, context), job);
    throw error;
  }
}

interface ExtractJob {
  adapter: DatasetAdapter;
  options: ExtractOptions;
  context: ExtractContext;
}

async function extractFolder(whole: Folder, { adapter, options, context }: ExtractJob): Promise<ExtractResult> {
  const own = parseAdapterOptions(adapter, options.options);
  const detected = await adapter.detect(whole, { options: options.options, form: options.form });
  const source = listing(whole);
  const decisive = {
    adapter: adapter.name,
    form: detected.form.name,
    options: own,
    decoder: options.decoder,
    margin: options.margin,
    aligned: options.align ? options.alignedSize : null,
    ...(options.detect ? { faceCrop: faceCropOf(options, context), severalFaces: options.severalFaces } : {}),
  };
  const identity = { ...decisive, source, format: FORMAT };
  const built = await build(
    {
      subject: "extract",
      to: options.to,
      description: "dataset.json",
      identity,
      read: existingExtraction,
      isCurrent: (folder) => isCurrent(folder, () => whole.lastChange()),
      isOutdated: (differences) => differences.every(({ key }) => key.startsWith("source")),
      resume: true,
      isUsable: async (begun) => (await whole.lastChange()) < begun,
      // where the dataset is not as it should be, nothing of this can be kept
      keepsAfter: (error) => !(error instanceof FerError) || error.code === "ABORTED",
      overwrite: options.overwrite,
      signal: context.signal,
    },
    async (place) => {
      const started = new Date();
      const run = new Extraction({ adapter, detected, own, options, place, context });
      await run.readAll();
      const info = await run.finish({ ...decisive, root: detected.folder.prefix, source, version: VERSION }, started);
      const files = [
        "skipped.jsonl",
        "dataset.json",
        ...Object.keys(info.counts).map((split) => `${split}/metadata.jsonl`),
      ];
      await Manifest.write(place.tree, { artifact: "image-folder", identity, files });
      return { info, decoded: run.decoded, resumed: run.resumed };
    },
  );
  const { folder } = built;
  if (built.status === "kept")
    return { status: "unchanged", folder, info: await readDatasetInfo(folder), decoded: 0, resumed: 0 };
  return { status: "written", folder, ...built.value };
}

/** Refuses a search for faces that nothing can do, or that something else would replace. */
function checkFaces({ detect, align, margin }: ExtractOptions, { detector }: ExtractContext): void {
  if (!detect) return;
  const refuse = (found: string, fix: string): OptionsError =>
    new OptionsError({ code: "INVALID_OPTIONS", subject: "detect", found, fix });
  if (align) throw refuse("align too: both say how a face is cut out", "Leave one of both out");
  if (margin > 0) throw refuse("a margin too, which is one of boxes that are shipped", "Leave margin out");
  if (detector === undefined)
    throw refuse("no detector", "Pass one beside the options: { detector: faceDetectorModule } of @fer/model");
}

/** How faces are found and cut out, as `dataset.json` keeps it. */
const faceCropOf = ({ detectedSize }: ExtractOptions, { detector }: ExtractContext): FaceCrop => ({
  detector: detector!.name,
  side: detectedSize,
  ...FACE_POSE,
});

/** Refuses an output within the source and the other way round. */
async function refuseNested({ from, to }: ExtractOptions): Promise<void> {
  const [source, target] = [await nearestRealPath(path.resolve(from)), await nearestRealPath(path.resolve(to))];
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + path.sep);
  const found = within(target, source)
    ? `--to "${to}" lies inside --from "${from}"`
    : within(source, target)
      ? `--from "${from}" lies inside --to "${to}"`
      : undefined;
  if (found === undefined) return;
  throw new OptionsError({
    code: "NESTED_FOLDERS",
    subject: "extract",
    found,
    expected: "two separate folders",
    fix: "Choose another --to",
  });
}

/** A folder of another dataset is never replaced, whatever the options say. */
async function refuseOtherDataset(to: string, wanted: string): Promise<void> {
  const found = (await existingExtraction(to))?.identity?.["adapter"];
  if (found === undefined || found === wanted) return;
  throw new DatasetError({
    code: "TARGET_OF_ANOTHER_DATASET",
    subject: "extract",
    found: `--to "${to}" holds an extraction of "${String(found)}"`,
    expected: `a new or empty folder, or one of "${wanted}"`,
    fix: "Choose another --to; nothing was changed",
  });
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
  if (adapter === undefined) throw unknownName(name, { what: "adapter", names });
  return adapter;
}

/** What lies in the source, in a form that can be compared. */
function listing(folder: Folder): { files: number; listing: string } {
  const hash = createHash("sha256");
  for (const file of folder.files) hash.update(`${file}\n`);
  return { files: folder.files.length, listing: hash.digest("hex") };
}
