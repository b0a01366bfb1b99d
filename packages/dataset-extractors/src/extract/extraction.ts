/** One extraction under way: reads every item, prepares its picture, keeps the accounts, writes the artifact's files. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { kindsOf, expectedOf, type DetectedForm } from "../definition.js";
import { type DatasetAdapter } from "../adapter.js";
import { type Expected, type Sample, type SampleImage, type Skipped } from "../items.js";
import { readForm } from "../read-form.js";
import { byCodeUnit, DatasetError, labelOf } from "@fer/core";
import { stopped, type Workplace } from "@fer/core/artifact";
import type { DetectTask } from "../image/detect-face.js";
import { extractPictures, type Job } from "../image/extract-pictures.js";
import { SPLITS, type DatasetInfo, type MetadataRow, type SkippedRow } from "@fer/core/image-folder";
import { FACE_POSE, type Picture } from "@fer/core/pixels";
import { expectedItems } from "./expected-items.js";
import { JournalWriter, readJournal, type JournalLine } from "./journal.js";
import type { ExtractContext, ExtractOptions } from "./options.js";
import { sortedRows } from "./sorted-rows.js";
import { inOrder, total, verify, type Counts } from "./verify.js";

type Item = { skip: Skipped } | { sample: Sample; directory: string; replayed?: JournalLine };

/** What an extraction needs. */
export interface ExtractionTask {
  adapter: DatasetAdapter;
  detected: DetectedForm;
  /** Options of the adapter. */
  own: Record<string, unknown>;
  options: ExtractOptions;
  place: Workplace;
  context: ExtractContext;
}

/** One extraction under way: counts, journal, and the two passes over the items. */
export class Extraction {
  decoded = 0;
  resumed = 0;
  /** Rows and files that the form has read. */
  #rows = 0;
  readonly #warnings: string[] = [];
  #counts: Counts = {};
  #groups: Record<string, Record<string, Set<string>>> = {};
  #skipped: Record<string, number> = {};
  /** The first skip of each reason, for the message where nothing is left. */
  readonly #firstSkips: Record<string, SkippedRow> = {};
  #pictures = { copied: 0, cropped: 0, converted: 0, clippedBoxes: 0 };
  #severalFaces = 0;
  #directories = new Set<string>();
  #replayedBytes = 0;
  readonly #expected: readonly Expected[];

  private readonly adapter: DatasetAdapter;
  private readonly detected: DetectedForm;
  private readonly own: Record<string, unknown>;
  private readonly options: ExtractOptions;
  private readonly context: ExtractContext;
  readonly #tree: string;
  readonly #journal: string;
  readonly #runs: string;

  constructor({ adapter, detected, own, options, place, context }: ExtractionTask) {
    this.adapter = adapter;
    this.detected = detected;
    this.own = own;
    this.options = options;
    this.context = context;
    this.#tree = place.tree;
    this.#journal = path.join(place.scratch, "journal.jsonl");
    this.#runs = path.join(place.scratch, "runs");
    this.#expected = expectedOf(detected.form, own);
  }

  /** First pass: every item is read, its picture prepared, its line written to the journal. */
  async readAll(): Promise<void> {
    const skips = createWriteStream(path.join(this.#tree, "skipped.jsonl"));
    const skipsDone = finished(skips);
    skipsDone.catch(() => {});
    let journal: JournalWriter | undefined;
    const { workers, decoder } = this.options;
    const detector = this.options.detect ? this.context.detector! : null;
    const items = await expectedItems(this.detected.folder);
    let done = 0;
    try {
      for await (const { item, result } of extractPictures(this.#jobs(), { workers, decoder, detector })) {
        done += 1;
        if (done % 256 === 0) this.#report(done, items);
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
            const { bytes, action, clipped, faces } = result;
            const beside = { bytes, action, clipped, ...(faces === undefined ? {} : { faces }) };
            line = { split, id, ...beside, row: metadataRow(sample, result) };
            this.decoded += 1;
          }
          journal ??= await JournalWriter.open(this.#journal, this.#replayedBytes);
          await journal.write(line);
        } else if ("row" in line) this.resumed += 1;
        if ("row" in line) this.#count(line);
        else {
          const { reason, detail } = line;
          await this.#skip(skips, { source: sample.source, reason, detail });
        }
      }
      journal ??= await JournalWriter.open(this.#journal, this.#replayedBytes);
    } finally {
      await journal?.close();
      skips.end();
      await skipsDone;
    }
    this.#report(done, done);
    this.#checkSamples();
  }

  /** Second pass: metadata sorted by id, one file a split; then `dataset.json`. */
  async finish(head: object, started: Date): Promise<DatasetInfo> {
    const fingerprint = createHash("sha256");
    for await (const { split, rows } of sortedRows(this.#journal, this.#runs)) {
      const file = createWriteStream(path.join(this.#tree, split, "metadata.jsonl"));
      const fileDone = finished(file);
      fileDone.catch(() => {});
      fingerprint.update(`${split}\n`);
      let last = "";
      for await (const block of rows) {
        for (const { id } of block) {
          if (id === last) throw duplicateId(this.adapter.name, { split, id });
          last = id;
        }
        const text = block.map((row) => `${row.text}\n`).join("");
        fingerprint.update(text);
        if (!file.write(text)) await once(file, "drain");
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
      ...kindsOf(adapter, { form, options: this.own, name: nameOf(this.options.from) }),
      ...(this.options.align || this.options.detect ? { imageKind: "crop" } : {}),
      counts: inOrder(this.#counts),
      total: total(this.#counts),
      skipped: Object.fromEntries(Object.entries(this.#skipped).sort(([a], [b]) => byCodeUnit(a, b))),
      verification: verify(this.#expected, { images: this.#counts, groups }),
      warnings: this.#warnings,
      rows: this.#rows,
      pictures: { ...this.#pictures, ...(this.options.detect ? { severalFaces: this.#severalFaces } : {}) },
      fingerprint: fingerprint.digest("hex"),
      manifest: true,
    } as unknown as DatasetInfo;
    const file = path.join(this.#tree, "dataset.json");
    await writeFile(file, `${JSON.stringify(info, null, 2)}\n`);
    // a source file that changes from here on, or did while it was read, is newer than this
    await utimes(file, started, started);
    return info;
  }

  /** Items of the adapter with their tasks; finished ones are recognised in the journal and get none. */
  async *#jobs(): AsyncGenerator<Job<Item>> {
    const journal = readJournal(this.#journal);
    let replaying = true;
    const { folder } = this.detected;
    const warn = (message: string) => void this.#warnings.push(message);
    const reading = { adapter: this.adapter.name, options: this.own, warn };
    try {
      for await (const item of readForm(this.detected, reading)) {
        if (this.context.signal?.aborted)
          throw stopped({
            subject: "extract",
            target: this.options.to,
            fix: "Run the same command again to go on: finished images are kept",
          });
        if ("reason" in item) {
          if (item.listed) this.#rows += 1;
          yield { item: { skip: item } };
          continue;
        }
        this.#rows += 1;
        const directory = path.join(this.#tree, item.split, item.expression);
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
            ...(this.options.detect ? { detect: detectTask(this.options) } : {}),
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
    const file = path.join(this.#tree, line.split, line.row.file_name);
    return stat(file).then(
      (info) => info.size === line.bytes,
      () => false,
    );
  }

  #count({ split, row, action, clipped, faces = 1 }: Extract<JournalLine, { row: MetadataRow }>): void {
    const classes = (this.#counts[split] ??= {});
    classes[row.expression] = (classes[row.expression] ?? 0) + 1;
    this.#pictures[action as "copied"] += 1;
    if (clipped) this.#pictures.clippedBoxes += 1;
    if (faces > 1) this.#severalFaces += 1;
    if (row.group !== null && this.#expected.some(({ of }) => of === "groups")) {
      ((this.#groups[split] ??= {})[row.expression] ??= new Set()).add(row.group);
    }
  }

  async #skip(skips: WriteStream, { source, reason, detail }: SkippedRow): Promise<void> {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    const row: SkippedRow = { source, reason, detail };
    this.#firstSkips[reason] ??= row;
    if (!skips.write(`${JSON.stringify(row)}\n`)) await once(skips, "drain");
  }

  /** `expected` is an estimate, and given up once there are more items. */
  #report(done: number, expected: number | null): void {
    const total = expected === null || expected < done ? null : expected;
    this.context.onProgress?.({ stage: "extract", done, total, unit: "items" });
  }

  #checkSamples(): void {
    if (total(this.#counts) > 0) return;
    const reasons = Object.entries(this.#skipped).map(([reason, n]) => {
      const { source = "", detail } = this.#firstSkips[reason] ?? {};
      return `${n} ${reason}${detail ? `, as ${source}: ${detail}` : ""}`;
    });
    throw new DatasetError({
      code: "NO_SAMPLES",
      subject: this.adapter.name,
      found: `no usable image in form "${this.detected.form.name}" under "${this.detected.folder.root}"${reasons.length > 0 ? ` (left out: ${reasons.join("; ")})` : ""}`,
      expected: "at least one labelled image",
      fix: "Check that the images are unpacked beside their labels",
      context: { skipped: this.#skipped },
    });
  }

  /** Pictures that an interrupted run wrote and this one did not confirm. */
  async #removeStrays(): Promise<void> {
    for (const split of SPLITS) {
      const dir = path.join(this.#tree, split);
      const classes = this.#counts[split] ?? {};
      for (const name of await readdir(dir).catch(() => [] as string[])) {
        if (name === "metadata.jsonl") continue;
        const files = await readdir(path.join(dir, name));
        if (files.length === (classes[name] ?? 0)) continue;
        const wanted = new Set<string>();
        for await (const line of readJournal(this.#journal)) {
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

/** Faces in the pose of FER2013's pictures. */
const detectTask = ({ detectedSize, severalFaces }: ExtractOptions): DetectTask => ({
  ...FACE_POSE,
  side: detectedSize,
  several: severalFaces,
});

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

function duplicateId(adapter: string, { split, id }: { split: string; id: string }): DatasetError {
  return new DatasetError({
    code: "DUPLICATE_ID",
    subject: adapter,
    found: `two items of split "${split}" have the id "${id}" (file systems may ignore case)`,
    expected: "ids that differ",
    fix: "Remove or rename one of them",
    context: { split, id },
  });
}

const pictureOf = ({ pixels, width, height, channels }: Extract<SampleImage, { pixels: Uint8Array }>): Picture => ({
  width,
  height,
  channels,
  data: pixels,
});

/** Of a folder or archive, without what an archive's name ends in. */
const nameOf = (from: string): string => path.basename(path.resolve(from)).replace(/(\.tar)?\.(zip|tar|tgz|gz)$/i, "");

// the pixels travel with the task; the sample waits without them
const withoutPixels = (sample: Sample): Sample => ({ ...sample, image: { file: "-" } });
