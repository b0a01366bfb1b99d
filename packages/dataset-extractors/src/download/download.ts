/**
 * Downloads a list of image URLs into a folder, resumable at any moment:
 *
 *     <to>/<last two components of the URL>    the image, under a name that never changes
 *     <to>/downloads.jsonl                     one row for each attempted item: what became of it
 *
 * An image is checked and written to `<name>.part`, then its row, then it gets its name; the next run finishes what a
 * crash left between the last two. Items whose row says `ok` are never asked for again; items that failed are, only
 * when `retryFailed` says so.
 */
import { createReadStream, existsSync } from "node:fs";
import { appendFile, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { FerError, FormatError, makeFolder, parseOptions, type TaskHooks } from "@fer/core";
import { takeLock } from "@fer/core/artifact";
import { type Decoder, loadDecoder } from "../image/decode.js";
import { isPublicAddress } from "./address.js";
import { fetchImage, type FetchFailure } from "./fetch-image.js";
import { runByHost } from "./host-queue.js";

export const DownloadOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the images and the log"),
  concurrency: z.number().int().min(1).max(64).default(8).describe("Requests under way at once, at most one a host"),
  pause: z.number().int().min(0).default(200).describe("Milliseconds between two requests to one host"),
  timeout: z.number().int().min(1).default(30_000).describe("Milliseconds for one request, redirects included"),
  maxBytes: z.number().int().min(1).default(50_000_000).describe("Largest image in bytes"),
  attempts: z.number().int().min(1).max(10).default(3).describe("Tries of one address when the failure may pass"),
  retryFailed: z.boolean().default(false).describe("Ask again for images that failed for good in an earlier run"),
});
export type DownloadOptions = z.infer<typeof DownloadOptions>;

/** One image to get. */
export interface DownloadItem {
  /** Address that the owner of the dataset serves. */
  url: string;
  /** Address it was found at, tried when `url` fails; may show another picture by now. */
  original?: string;
}

/** A row of `downloads.jsonl`. */
export const DownloadRow = z.strictObject({
  url: z.string(),
  status: z.enum(["ok", "failed"]),
  /** Path below the folder; `null` when failed. */
  file: z.string().nullable(),
  /** Which address gave the image. Images from `original` may not be the annotated ones. */
  via: z.enum(["server", "original"]).nullable(),
  bytes: z.number().int().nullable(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  attempts: z.number().int(),
});
export type DownloadRow = z.infer<typeof DownloadRow>;

export interface DownloadHooks extends TaskHooks {
  /** Which addresses may be connected to; all public ones unless a test says otherwise. */
  allow?: (address: string) => boolean;
}

export interface DownloadResult {
  to: string;
  /** Items by outcome: `ok`, `already` (from an earlier run), or a reason of failure. */
  outcomes: Record<string, number>;
  /** Images that came from their original address. */
  fromOriginal: number;
  total: number;
}

const LOG = "downloads.jsonl";
const LOCK = ".downloads.partial";

/**
 * Downloads images.
 *
 * @throws OptionsError; FormatError when the folder cannot be written, or another process downloads into it
 * @example
 * ```ts
 * import { downloadImages } from "@fer/dataset-extractors";
 *
 * const { outcomes } = await downloadImages([], { to: "data/emotionet-images" });
 * console.log(outcomes); // such as { new: 980, gone: 20 }
 * ```
 */
export async function downloadImages(
  items: AsyncIterable<DownloadItem> | Iterable<DownloadItem>,
  { onProgress, signal, allow, ...input }: z.input<typeof DownloadOptions> & DownloadHooks,
): Promise<DownloadResult> {
  const parsed = parseOptions(input, { schema: DownloadOptions, subject: "download options" });
  const { to } = parsed;
  try {
    await makeFolder(to);
    const lock = await takeLock(join(to, LOCK), { subject: "download", target: to, signal });
    try {
      return await downloadInto(items, { ...parsed, onProgress, signal, allow });
    } finally {
      await lock.release();
    }
  } catch (cause) {
    signal?.throwIfAborted();
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof FerError || code === undefined) throw cause;
    throw new FormatError({
      code: "WRITE_FAILED",
      subject: to,
      found: `cannot be written (${code})`,
      expected: "a folder with room for the images",
      fix: "Make room or pass another folder; what was downloaded is kept",
      cause,
    });
  }
}

async function downloadInto(
  items: AsyncIterable<DownloadItem> | Iterable<DownloadItem>,
  options: DownloadOptions & DownloadHooks,
): Promise<DownloadResult> {
  const { to, concurrency, pause, retryFailed } = options;
  const { signal, onProgress } = options;
  const log = join(to, LOG);
  const known = await readLog(log);
  await finishInterrupted(to, known);
  const decode = await loadDecoder("jimp");
  const outcomes: Record<string, number> = {};
  let done = 0;
  let fromOriginal = 0;
  const count = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    done += 1;
    onProgress?.({ stage: "download", done, total: null, unit: "images" });
  };
  const urls = new Set<string>();
  const names = new Map<string, string>();
  for (const { file, url } of known.values()) if (file !== null) names.set(file.toLowerCase(), url);
  let writing = Promise.resolve();
  const record = (row: DownloadRow): Promise<void> => {
    writing = writing.then(() => appendFile(log, `${JSON.stringify(row)}\n`));
    return writing;
  };

  const download = async (item: DownloadItem): Promise<void> => {
    const row = await get(item, { options, decode });
    await record(row);
    if (row.file !== null) await rename(join(to, `${row.file}.part`), join(to, row.file));
    if (row.via === "original") fromOriginal += 1;
    count(row.status === "ok" ? "ok" : row.reason!);
  };
  const jobs = async function* () {
    for await (const item of items) {
      signal?.throwIfAborted();
      const { url } = item;
      const before = known.get(url);
      const name = fileName(url).toLowerCase();
      const owner = names.get(name) ?? url;
      if (before?.status === "ok" && existsSync(join(to, before.file!))) count("already");
      else if (before?.status === "failed" && !retryFailed) count(before.reason!);
      else if (urls.has(url)) count("repeated");
      else {
        urls.add(url);
        names.set(name, owner);
        const run =
          owner === url
            ? () => download(item)
            : // another address has this name: its image is not replaced
              async () => {
                await record({
                  ...failed(item),
                  reason: "name-taken",
                  detail: `${fileName(url)} is the image of ${owner}`,
                });
                count("name-taken");
              };
        yield { host: hostOf(url), run };
      }
    }
  };
  await runByHost(jobs(), { concurrency, pause });
  return { to, outcomes, fromOriginal, total: done };
}

interface Download {
  options: DownloadOptions & DownloadHooks;
  decode: Decoder;
}

async function get(item: DownloadItem, { options, decode }: Download): Promise<DownloadRow> {
  const { to, timeout, maxBytes, attempts } = options;
  const { signal, allow = isPublicAddress } = options;
  let tried = 0;
  let last: { reason: FetchFailure; detail: string } = { reason: "bad-url", detail: "no address" };
  for (const via of ["server", "original"] as const) {
    const url = via === "server" ? item.url : item.original;
    if (!url) continue;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      tried += 1;
      const result = await fetchImage(url, { decode, timeout, maxBytes, allow, signal });
      if ("bytes" in result) {
        const file = fileName(item.url);
        await mkdir(dirname(join(to, file)), { recursive: true });
        await writeFile(join(to, `${file}.part`), result.bytes);
        return {
          url: item.url,
          status: "ok",
          file,
          via,
          bytes: result.bytes.length,
          reason: null,
          detail: null,
          attempts: tried,
        };
      }
      last = result;
      if (!result.transient) break;
      if (attempt < attempts)
        await sleep(Math.min(30_000, 250 * 4 ** (attempt - 1)), undefined, signal ? { signal } : {});
    }
  }
  return { ...failed(item), reason: last.reason, detail: last.detail, attempts: tried };
}

const failed = ({ url }: DownloadItem): DownloadRow => ({
  url,
  status: "failed",
  file: null,
  via: null,
  bytes: null,
  reason: null,
  detail: null,
  attempts: 0,
});

/** The last two components of the path, as EmotioNet's owners name their files; safe as file names. */
export function fileName(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  const parts = path
    .split("/")
    .map((part) => part.replaceAll(/[^\w.-]/g, "_"))
    .filter((part) => !/^\.*$/.test(part));
  return parts.slice(-2).join("/") || "image";
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "");

/** The last row of each URL. A row that a crash cut off does not count, and the next one starts on a line of its own. */
async function readLog(file: string): Promise<Map<string, DownloadRow>> {
  const rows = new Map<string, DownloadRow>();
  if (!existsSync(file)) return rows;
  const text = createReadStream(file, "utf8");
  let lastCharacter = "\n";
  text.on("data", (chunk) => (lastCharacter = String(chunk).at(-1) ?? lastCharacter));
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    const row = rowOf(line);
    if (row) rows.set(row.url, row);
  }
  if (lastCharacter !== "\n") await appendFile(file, "\n");
  return rows;
}

function rowOf(line: string): DownloadRow | undefined {
  try {
    return DownloadRow.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Gives images their names whose row was written when the last run was killed. */
async function finishInterrupted(to: string, rows: ReadonlyMap<string, DownloadRow>): Promise<void> {
  for (const { file } of rows.values()) {
    if (file !== null && !existsSync(join(to, file)) && existsSync(join(to, `${file}.part`))) {
      await rename(join(to, `${file}.part`), join(to, file));
    }
  }
}
