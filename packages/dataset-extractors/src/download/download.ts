/**
 * Downloads a list of image URLs into a folder, resumable at any moment:
 *
 *     <to>/<last two components of the URL>    the image, under a name that never changes
 *     <to>/downloads.jsonl                     one row an attempted item: its fate
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
import { FerError, FormatError, makeFolder, type Progress } from "@fer/core";
import { loadDecoder } from "../image/decode.js";
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

export interface DownloadHooks {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
  /** Which addresses may be connected to; all public ones unless a test says otherwise. */
  allow?: (address: string) => boolean;
}

export interface DownloadResult {
  to: string;
  /** Items by fate: `ok`, `already` (from an earlier run), or a reason of failure. */
  fates: Record<string, number>;
  /** Images that came from their original address. */
  fromOriginal: number;
  total: number;
}

export const LOG = "downloads.jsonl";

/**
 * Downloads images.
 *
 * @throws FormatError when the folder cannot be written
 * @example
 * ```ts
 * import { downloadImages } from "@fer/dataset-extractors";
 *
 * const { fates } = await downloadImages([], { to: "data/emotionet-images" });
 * console.log(fates); // such as { new: 980, gone: 20 }
 * ```
 */
export async function downloadImages(
  items: AsyncIterable<DownloadItem> | Iterable<DownloadItem>,
  options: z.input<typeof DownloadOptions>,
  hooks: DownloadHooks = {},
): Promise<DownloadResult> {
  const parsed = DownloadOptions.parse(options);
  const { to, concurrency, pause, retryFailed } = parsed;
  const { signal, onProgress } = hooks;
  const log = join(to, LOG);
  await makeFolder(to);
  const known = await readLog(log);
  await finishInterrupted(to, known);
  const decode = await loadDecoder("jimp");
  const fates: Record<string, number> = {};
  let done = 0;
  let fromOriginal = 0;
  const count = (fate: string): void => {
    fates[fate] = (fates[fate] ?? 0) + 1;
    done += 1;
    onProgress?.({ stage: "download", done, total: null, unit: "images" });
  };
  const names = new Set<string>();
  let writing = Promise.resolve();
  const record = (row: DownloadRow): Promise<void> => {
    writing = writing.then(() => appendFile(log, `${JSON.stringify(row)}\n`));
    return writing;
  };

  const jobs = async function* () {
    for await (const item of items) {
      signal?.throwIfAborted();
      const before = known.get(item.url);
      if (before?.status === "ok" && existsSync(join(to, before.file!))) count("already");
      else if (before?.status === "failed" && !retryFailed) count(before.reason!);
      else if (names.has(item.url)) count("repeated");
      else {
        names.add(item.url);
        yield {
          host: hostOf(item.url),
          run: async () => {
            const row = await get(item, parsed, decode, hooks);
            await record(row);
            if (row.file !== null) await rename(join(to, `${row.file}.part`), join(to, row.file));
            if (row.via === "original") fromOriginal += 1;
            count(row.status === "ok" ? "ok" : row.reason!);
          },
        };
      }
    }
  };
  try {
    await runByHost(jobs(), { concurrency, pause });
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof FerError || !(cause as NodeJS.ErrnoException).code) throw cause;
    throw new FormatError({
      code: "WRITE_FAILED",
      subject: to,
      found: `cannot be written (${(cause as NodeJS.ErrnoException).code})`,
      expected: "a folder with room for the images",
      fix: "Make room or pass another folder; what was downloaded is kept",
      cause,
    });
  }
  return { to, fates, fromOriginal, total: done };
}

async function get(
  item: DownloadItem,
  { to, timeout, maxBytes, attempts }: DownloadOptions,
  decode: Awaited<ReturnType<typeof loadDecoder>>,
  { signal, allow = isPublicAddress }: DownloadHooks,
): Promise<DownloadRow> {
  let tried = 0;
  let last: { reason: FetchFailure; detail: string } = { reason: "bad-url", detail: "no address" };
  for (const via of ["server", "original"] as const) {
    const url = via === "server" ? item.url : item.original;
    if (!url) continue;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      tried += 1;
      const result = await fetchImage(url, decode, { timeout, maxBytes, allow }, signal);
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
  return {
    url: item.url,
    status: "failed",
    file: null,
    via: null,
    bytes: null,
    reason: last.reason,
    detail: last.detail,
    attempts: tried,
  };
}

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

/** The last row of each URL. A row cut off by a crash is no row, and the next one starts on a line of its own. */
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
