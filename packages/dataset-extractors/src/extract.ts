/**
 * `extract`: an official dataset folder in, one verified image folder out (see `image-folder.ts`).
 *
 * Invariants: every annotation row read ends as a sample or a counted skip; the same input, options and tool give the
 * same bytes whatever the number of workers; the output appears at once when complete; an interrupted extraction goes on
 * where it stopped; memory does not grow with the dataset.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { z } from "zod";
import {
  expectedOf,
  kindsOf,
  parseAdapterOptions,
  readForm,
  type DatasetAdapter,
  type Expected,
  type Sample,
  type SampleImage,
  type Skipped,
} from "./adapter.js";
import { adapters } from "./datasets/index.js";
import { DatasetError, FerError, OptionsError, unknownName } from "./errors.js";
import { labelOf } from "./expressions.js";
import { JournalWriter, readJournal, type JournalLine } from "./extract/journal.js";
import { sortedRows } from "./extract/sorted-rows.js";
import {
  checkPlaces,
  existingOutput,
  isComplete,
  leaveWorkplace,
  openWorkplace,
  publish,
  writeError,
  type Workplace,
} from "./extract/target.js";
import { verify, type Counts } from "./extract/verify.js";
import { isArchive, openArchive, withArchives } from "./formats/archive.js";
import { compare, Folder } from "./formats/folder.js";
import { DecoderName } from "./image/decode.js";
import { preparePictures, type Job } from "./image/pool.js";
import type { Picture } from "./image/picture.js";
import { SPLITS, type DatasetInfo, type MetadataRow, type SkippedRow } from "./image-folder.js";
import type { Progress } from "./progress.js";
import { VERSION } from "./version.js";

/** Options of {@link extract}. Free of functions, so that flags and a JSON Schema derive from it. */
export const ExtractOptions = z.strictObject({
  adapter: z.string().optional().describe("name of the dataset adapter"),
  from: z.string().min(1).describe("folder or archive (zip, tar, tar.gz) with the dataset as its owners ship it"),
  to: z.string().min(1).describe("image folder to write; new, empty, or an earlier output of the same dataset"),
  form: z.string().optional().describe("form of the dataset, where the folder fits several"),
  workers: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("threads that decode (default: one a processor core, at most 8); the output does not depend on it"),
  decoder: DecoderName.default("jimp").describe("library that decodes: jimp, or sharp (faster; npm install sharp)"),
  margin: z
    .number()
    .min(0)
    .max(2)
    .default(0)
    .describe("part of a face box added on each side before cutting, e.g. 0.1"),
  align: z
    .boolean()
    .default(false)
    .describe(
      "turn and scale every face so that its eyes lie level at fixed places, by the landmarks that are shipped",
    ),
  alignedSize: z.number().int().min(16).max(1024).default(128).describe("side of an aligned face in pixels"),
  overwrite: z.boolean().default(false).describe("replace an earlier output of this dataset made with other options"),
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the adapter"),
});
export type ExtractOptions = z.infer<typeof ExtractOptions>;

/** What is passed by value. */
export interface ExtractContext {
  /** An adapter of your own; `options.adapter` may then be left out. */
  adapter?: DatasetAdapter;
  onProgress?: (progress: Progress) => void;
  /** Aborting leaves finished work for the next run. */
  signal?: AbortSignal;
}

/** What an extraction did. */
export interface ExtractResult {
  /** `unchanged`: the output was already there, made from the same files with the same options. */
  status: "written" | "unchanged";
  /** Absolute path of the image folder. */
  folder: string;
  /** Content of its `dataset.json`. */
  info: DatasetInfo;
  /** Pictures decoded in this run, and finished ones taken over from an interrupted run. */
  decoded: number;
  resumed: number;
}

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
 * console.log(info.total, info.verification.status);
 * ```
 */
export async function extract(
  input: z.input<typeof ExtractOptions>,
  context: ExtractContext = {},
): Promise<ExtractResult> {
  const options = parse(input);
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
    const isIncomplete = error instanceof FerError && ["UNKNOWN_LAYOUT", "NO_SAMPLES"].includes(error.code);
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
    const sameOptions = Object.entries(identity).every(([k, v]) => same(info[k as keyof DatasetInfo], v));
    const isSame = sameOptions && same(info.source, source) && (await isComplete(to, info));
    if (isSame && (await whole.lastChange()) < time) {
      await rm(partialOf(to), { recursive: true, force: true });
      return { status: "unchanged", folder: to, info, decoded: 0, resumed: 0 };
    }
    if (info.adapter !== adapter.name) throw otherDataset(options.to, info.adapter, adapter.name);
    if (!sameOptions && !options.overwrite) throw otherOptions(options.to, info, identity);
  }
  try {
    await mkdir(path.dirname(to), { recursive: true });
    const place = await openWorkplace(to, { ...identity, source }, () => whole.lastChange());
    try {
      const detected = { form, folder };
      const run = new Extraction(adapter, detected, own, options, place, context);
      await run.readAll();
      const info = await run.finish({ ...identity, root: folder.prefix, source }, started);
      await publish(place, to);
      return { status: "written", folder: to, info, decoded: run.decoded, resumed: run.resumed };
    } finally {
      await leaveWorkplace(place);
    }
  } catch (error) {
    throw error instanceof FerError ? error : writeError(error, options.to);
  }
}

type Item = { skip: Skipped } | { sample: Sample; directory: string; replayed?: JournalLine };

/** One extraction under way: counts, journal, and the two passes over the items. */
class Extraction {
  decoded = 0;
  resumed = 0;
  #rows = 0;
  #listed = 0;
  #counts: Counts = {};
  #groups: Record<string, Record<string, Set<string>>> = {};
  #skipped: Record<string, number> = {};
  #pictures = { copied: 0, cropped: 0, converted: 0, clippedBoxes: 0 };
  #ids = new Set<string>();
  #directories = new Set<string>();
  #replayedBytes = 0;
  readonly #expected: readonly Expected[];

  constructor(
    private readonly adapter: DatasetAdapter,
    private readonly detected: Awaited<ReturnType<DatasetAdapter["detect"]>>,
    private readonly own: Record<string, unknown>,
    private readonly options: ExtractOptions,
    private readonly place: Workplace,
    private readonly context: ExtractContext,
  ) {
    this.#expected = expectedOf(detected.form, own);
  }

  /** First pass: every item is read, its picture prepared, its line written to the journal. */
  async readAll(): Promise<void> {
    const skips = createWriteStream(path.join(this.place.tree, "skipped.jsonl"));
    const skipsDone = finished(skips);
    skipsDone.catch(() => {});
    let journal: JournalWriter | undefined;
    const { workers = Math.min(availableParallelism(), 8), decoder } = this.options;
    let done = 0;
    try {
      for await (const { item, result } of preparePictures(this.#jobs(), { workers, decoder })) {
        done += 1;
        if (done % 256 === 0) this.#report(done);
        if ("skip" in item) {
          await this.#skip(skips, item.skip);
          continue;
        }
        const { sample, replayed } = item;
        let line = replayed;
        if (line === undefined) {
          if (result === undefined) throw new Error("a sample came back without its result");
          const { split, id } = sample;
          if ("reason" in result) line = { split, id, ...result };
          else {
            const { bytes, action, clipped } = result;
            line = { split, id, bytes, action, clipped, row: metadataRow(sample, result) };
            this.decoded += 1;
          }
          journal ??= await JournalWriter.open(this.place.journal, this.#replayedBytes);
          await journal.write(line);
        } else if ("row" in line) this.resumed += 1;
        if ("row" in line) this.#count(line);
        else {
          const { reason, detail } = line;
          await this.#skip(skips, { source: sample.source, reason, detail, listed: sample.listed });
        }
      }
      journal ??= await JournalWriter.open(this.place.journal, this.#replayedBytes);
    } finally {
      await journal?.close();
      skips.end();
      await skipsDone;
    }
    this.#report(done);
    this.#checkAccounts(done);
  }

  /** Second pass: metadata sorted by id, one file a split; then `dataset.json`. */
  async finish(head: object, started: Date): Promise<DatasetInfo> {
    const fingerprint = createHash("sha256");
    for await (const { split, rows } of sortedRows(this.place.journal, this.place.scratch)) {
      const file = createWriteStream(path.join(this.place.tree, split, "metadata.jsonl"));
      const fileDone = finished(file);
      fileDone.catch(() => {});
      fingerprint.update(`${split}\n`);
      let last = "";
      for await (const { id, text } of rows) {
        if (id === last) throw duplicateId(this.adapter.name, split, id);
        last = id;
        fingerprint.update(`${text}\n`);
        if (!file.write(`${text}\n`)) await once(file, "drain");
      }
      file.end();
      await fileDone;
    }
    await this.#removeStrays();
    const { form } = this.detected;
    const groups = Object.fromEntries(
      Object.entries(this.#groups).map(([split, classes]) => [
        split,
        Object.fromEntries(Object.entries(classes).map(([name, set]) => [name, set.size])),
      ]),
    );
    const { adapter } = this;
    const info = {
      schema: 1,
      title: adapter.title,
      ...head,
      ...kindsOf(adapter, form, this.own),
      ...(this.options.align ? { imageKind: "crop" } : {}),
      counts: inOrder(this.#counts),
      total: total(this.#counts),
      skipped: Object.fromEntries(Object.entries(this.#skipped).sort(([a], [b]) => compare(a, b))),
      verification: verify(this.#expected, this.#counts, groups),
      rows: this.#rows === 0 ? null : this.#rows,
      pictures: this.#pictures,
      fingerprint: fingerprint.digest("hex"),
    } as unknown as DatasetInfo;
    const file = path.join(this.place.tree, "dataset.json");
    await writeFile(file, `${JSON.stringify(info, null, 2)}\n`);
    // a source file that changes from here on, or did while it was read, is newer than this
    await utimes(file, started, started);
    return info;
  }

  /** Items of the adapter with their tasks; finished ones are recognised in the journal and get none. */
  async *#jobs(): AsyncGenerator<Job<Item>> {
    const journal = readJournal(this.place.journal);
    let replaying = true;
    const tally = { rows: (n = 1) => void (this.#rows += n) };
    const { folder } = this.detected;
    try {
      for await (const item of readForm(this.adapter.name, this.detected, this.own, tally)) {
        if (this.context.signal?.aborted) throw aborted(this.options.to);
        if (item.listed) this.#listed += 1;
        if ("reason" in item) {
          yield { item: { skip: item } };
          continue;
        }
        this.#claim(item);
        if ("file" in item.image && !folder.has(item.image.file)) {
          const detail = `"${item.image.file}" is not in the folder`;
          yield { item: { skip: { source: item.source, reason: "missing-file", detail, listed: item.listed } } };
          continue;
        }
        const directory = path.join(this.place.tree, item.split, item.expression);
        if (replaying) {
          const next = await journal.next();
          if (!next.done && (await this.#isFinished(next.value, item))) {
            const { end, ...line } = next.value;
            this.#replayedBytes = end;
            yield { item: { sample: item, directory, replayed: line } };
            continue;
          }
          replaying = false;
          await journal.return(undefined);
        }
        if (!this.#directories.has(directory)) {
          await mkdir(directory, { recursive: true });
          this.#directories.add(directory);
        }
        const image = "file" in item.image ? folder.absolute(item.image.file) : pictureOf(item.image);
        yield {
          item: { sample: withoutPixels(item), directory },
          task: {
            image,
            target: path.join(directory, item.id),
            box: item.box,
            margin: this.options.margin,
            ...(this.options.align ? { align: { landmarks: item.landmarks, side: this.options.alignedSize } } : {}),
          },
        };
      }
    } finally {
      await journal.return(undefined);
    }
  }

  async #isFinished(line: JournalLine, sample: Sample): Promise<boolean> {
    if (line.id !== sample.id || line.split !== sample.split) return false;
    if (!("row" in line)) return true;
    if (line.row.source !== sample.source || line.row.expression !== sample.expression) return false;
    const file = path.join(this.place.tree, line.split, line.row.file_name);
    return stat(file).then(
      (info) => info.size === line.bytes,
      () => false,
    );
  }

  /** Two samples may never share a file name, not even where file systems ignore case. */
  #claim({ split, id }: Sample): void {
    const key = `${split}/${id.toLowerCase()}`;
    if (this.#ids.has(key)) throw duplicateId(this.adapter.name, split, id);
    this.#ids.add(key);
  }

  #count({ split, row, action, clipped }: Extract<JournalLine, { row: MetadataRow }>): void {
    const classes = (this.#counts[split] ??= {});
    classes[row.expression] = (classes[row.expression] ?? 0) + 1;
    this.#pictures[action as "copied"] += 1;
    if (clipped) this.#pictures.clippedBoxes += 1;
    if (row.group !== null && this.#expected.some(({ of }) => of === "groups")) {
      ((this.#groups[split] ??= {})[row.expression] ??= new Set()).add(row.group);
    }
  }

  async #skip(skips: WriteStream, { source, reason, detail }: Skipped): Promise<void> {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    const row: SkippedRow = { source, reason, detail };
    if (!skips.write(`${JSON.stringify(row)}\n`)) await once(skips, "drain");
  }

  #report(done: number): void {
    this.context.onProgress?.({ stage: "extract", done, total: null, unit: "items" });
  }

  /** What was read must be what came out. */
  #checkAccounts(items: number): void {
    const kept = total(this.#counts);
    const skipped = Object.values(this.#skipped).reduce((a, b) => a + b, 0);
    if (kept + skipped !== items || (this.#rows > 0 && this.#rows !== this.#listed)) {
      throw new DatasetError({
        code: "ROWS_LOST",
        subject: this.adapter.name,
        found: `${this.#rows} rows were read, but ${this.#listed} items came out of them (${kept} samples, ${skipped} skips)`,
        expected: "one sample or skip a row",
        fix: "This is a mistake in the adapter: please report it",
      });
    }
    if (kept > 0) return;
    const reasons = Object.entries(this.#skipped).map(([reason, n]) => `${n} ${reason}`);
    throw new DatasetError({
      code: "NO_SAMPLES",
      subject: this.adapter.name,
      found: `no usable image in form "${this.detected.form.name}" under "${this.detected.folder.root}"${reasons.length > 0 ? ` (left out: ${reasons.join(", ")})` : ""}`,
      expected: "at least one labelled image",
      fix: "Check that the images are unpacked beside their labels",
      context: { skipped: this.#skipped },
    });
  }

  /** Pictures that an interrupted run wrote and this one did not confirm. */
  async #removeStrays(): Promise<void> {
    for (const split of SPLITS) {
      const dir = path.join(this.place.tree, split);
      const classes = this.#counts[split] ?? {};
      for (const name of await readdir(dir).catch(() => [] as string[])) {
        if (name === "metadata.jsonl") continue;
        const files = await readdir(path.join(dir, name));
        if (files.length === (classes[name] ?? 0)) continue;
        const wanted = new Set<string>();
        for await (const line of readJournal(this.place.journal)) {
          if ("row" in line && line.split === split && line.row.expression === name) wanted.add(line.row.file_name);
        }
        for (const file of files) {
          if (!wanted.has(`${name}/${file}`)) await rm(path.join(dir, name, file));
        }
        if (wanted.size === 0) await rm(path.join(dir, name), { recursive: true });
      }
      if (Object.keys(classes).length === 0) await rm(dir, { recursive: true, force: true });
    }
  }
}

function metadataRow(
  sample: Sample,
  result: { extension: string; pixelHash: string; dhash: string; box: MetadataRow["box"] },
): MetadataRow {
  return {
    file_name: `${sample.expression}/${sample.id}.${result.extension}`,
    id: sample.id,
    expression: sample.expression,
    label: labelOf(sample.expression),
    subject: sample.subject,
    group: sample.group === undefined ? sample.subject : sample.group,
    frame: sample.frame,
    box: result.box,
    source: sample.source,
    pixel_hash: result.pixelHash,
    dhash: result.dhash,
    raw_label: sample.rawLabel,
    votes: sample.votes,
    valence: sample.valence,
    arousal: sample.arousal,
    action_units: sample.actionUnits,
  };
}

const pictureOf = ({ pixels, width, height, channels }: Extract<SampleImage, { pixels: Uint8Array }>): Picture => ({
  width,
  height,
  channels,
  data: pixels,
});

// the pixels travel with the task; the sample waits without them
const withoutPixels = (sample: Sample): Sample => ({ ...sample, image: { file: "-" } });

function parse(input: z.input<typeof ExtractOptions>): ExtractOptions {
  const parsed = ExtractOptions.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "extract",
    found: parsed.error.issues.map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`).join("; "),
    expected: `the options ${Object.keys(ExtractOptions.shape).join(", ")}`,
    cause: parsed.error,
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
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const total = (counts: Counts) =>
  Object.values(counts)
    .flatMap((classes) => Object.values(classes))
    .reduce((a, b) => a + b, 0);

/** Splits and classes in canonical order. */
function inOrder(counts: Counts): Counts {
  return Object.fromEntries(
    SPLITS.filter((split) => counts[split] !== undefined).map((split) => [
      split,
      Object.fromEntries(
        Object.entries(counts[split]!).sort(([a], [b]) => labelOf(a as "happy") - labelOf(b as "happy")),
      ),
    ]),
  );
}

function duplicateId(adapter: string, split: string, id: string): DatasetError {
  return new DatasetError({
    code: "DUPLICATE_ID",
    subject: adapter,
    found: `two items of split "${split}" have the id "${id}" (file systems may ignore case)`,
    expected: "ids that differ",
    fix: "Remove or rename one of them",
    context: { split, id },
  });
}

function aborted(to: string): FerError {
  return new FerError({
    code: "ABORTED",
    subject: "extract",
    found: `stopped before "${to}" was complete`,
    fix: "Run the same command again to go on: finished images are kept",
  });
}

function otherDataset(to: string, found: string, wanted: string): DatasetError {
  return new DatasetError({
    code: "TARGET_OF_ANOTHER_DATASET",
    subject: "extract",
    found: `--to "${to}" holds an extraction of "${found}"`,
    expected: `a new or empty folder, or one of "${wanted}"`,
    fix: "Choose another --to; nothing was changed",
  });
}

function otherOptions(to: string, info: DatasetInfo, wanted: Record<string, unknown>): DatasetError {
  const changed = Object.entries(wanted)
    .filter(([key, value]) => !same(info[key as keyof DatasetInfo], value))
    .map(
      ([key, value]) => `${key} ${JSON.stringify(info[key as keyof DatasetInfo])} instead of ${JSON.stringify(value)}`,
    );
  return new DatasetError({
    code: "OTHER_OPTIONS",
    subject: "extract",
    found: `--to "${to}" was extracted with other options: ${changed.join("; ")}`,
    expected: "the same options",
    fix: "Choose another --to, or pass --overwrite to replace it",
  });
}
