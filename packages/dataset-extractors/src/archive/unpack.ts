/**
 * Unpacks one zip, tar or tar.gz, told by content, in one pass and with the memory of a few blocks.
 *
 * Refused: entries that lead out of the archive's own folder, two that many file systems would put in one place, links
 * and devices, passwords, and bombs, before they go off. Damage is found where the format lets one see it: checksums of zip
 * entries and gzip, and the mark that ends every tar, without which it was cut off.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, crc32 } from "node:zlib";
import { FerError, FormatError, isLfsPointer, lfsPointer, type TaskHooks, unreadable } from "@fer/core";
import { Parser, type ReadEntry } from "tar";
import { openPromise } from "yauzl";
import { type Budget, Place } from "./place.js";

/** What is unpacked, and where to. */
export interface UnpackTask {
  /** Absolute path of the archive. */
  file: string;
  /** Folder for its content, which exists. */
  to: string;
  budget: Budget;
  hooks: TaskHooks;
}

/** Bytes that tell what a file is. */
const START = 64;

/** Entries of a tar that are being written at once. */
const WRITES = 16;

/** What other archives begin with, and the command that opens them. */
const OTHERS: readonly (readonly [string, string, string])[] = [
  ["fd377a585a00", "an xz archive", "tar xf"],
  ["425a68", "a bzip2 archive", "tar xf"],
  ["28b52ffd", "a Zstandard archive", "tar xf"],
  ["377abcaf271c", "a 7z archive", "7z x"],
  ["526172211a07", "a RAR archive", "7z x"],
];

/** @throws FormatError `ARCHIVE_REFUSED`, `ARCHIVE_DAMAGED`, `ARCHIVE_UNSUPPORTED`; system errors of writing as they are. */
export async function unpack(task: UnpackTask): Promise<void> {
  const name = path.basename(task.file);
  const start = await firstBytes(task.file);
  const other = OTHERS.find(([magic]) => start.toString("hex").startsWith(magic));
  if (other !== undefined) {
    throw new FormatError({
      code: "ARCHIVE_UNSUPPORTED",
      subject: name,
      found: `it is ${other[1]}, whatever its name says`,
      expected: "a zip, tar or tar.gz archive",
      fix: `Unpack it yourself ("${other[2]} ${name}") and pass the folder`,
    });
  }
  const text = start.toString("utf8").trimStart();
  if (isLfsPointer(text)) throw lfsPointer(name);
  if (start.length === 0 || /^<(!doctype|html|\?xml)/i.test(text)) {
    throw new FormatError({
      code: "ARCHIVE_DAMAGED",
      subject: name,
      found: start.length === 0 ? "the file is empty" : "it is a web page, whatever its name says",
      expected: "a whole zip, tar or tar.gz archive",
      fix:
        start.length === 0
          ? "Download it again"
          : "The download was answered by a page, perhaps one that asks for a login: download it in the browser",
    });
  }
  const place = new Place(name, task);
  try {
    // a zip may begin with anything, and says so at its end
    if (/\.zip$/i.test(name) || start.toString("latin1", 0, 2) === "PK") await unzip(task, place);
    else await untar(task, { place, isPacked: start[0] === 0x1f && start[1] === 0x8b });
  } catch (error) {
    task.hooks.signal?.throwIfAborted();
    throw ofSystem(error, task) ?? (error instanceof FerError ? error : damaged(name, error));
  }
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(error, file);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function unzip({ file, hooks }: UnpackTask, place: Place): Promise<void> {
  // strict names: ".." and absolute paths are errors, "\" is a separator
  const zip = await openPromise(file, { autoClose: false, strictFileNames: false });
  try {
    for await (const entry of zip.eachEntry()) {
      hooks.signal?.throwIfAborted();
      const name = entry.fileName;
      if (entry.isEncrypted()) throw place.refused(`"${name}" is locked by a password`);
      const mode = (entry.externalFileAttributes >>> 16) & 0o170000;
      if (mode !== 0 && mode !== 0o100000 && mode !== 0o040000) throw place.refused(`"${name}" is a link`);
      if (name.endsWith("/")) {
        await place.folder(name);
        continue;
      }
      const target = place.claim(name, entry.uncompressedSize);
      // yauzl compares what comes out with the stated size, but not with the checksum
      const stream = await zip.openReadStreamPromise(entry);
      // after the last byte it may still emit an error, when nothing listens any more
      stream.on("error", () => {});
      let sum = 0;
      const summed = async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          sum = crc32(chunk, sum);
          yield chunk;
        }
      };
      await pipeline(stream, summed, (chunks) => place.write(target, chunks));
      if (sum !== entry.crc32) throw new Error(`the checksum of "${name}" is wrong`);
    }
  } finally {
    zip.close();
  }
}

async function untar(
  { file, hooks }: UnpackTask,
  { place, isPacked }: { place: Place; isPacked: boolean },
): Promise<void> {
  const source = createReadStream(file);
  const bytes = isPacked ? source.pipe(createGunzip()) : source;
  source.on("error", (error) => bytes.destroy(error));
  const writes = new Map<ReadEntry, Promise<void>>();
  let failed: Error | undefined;
  let hasEnd = false;
  let isOver = false;
  let wake = (): void => {};
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const fail = (error: unknown): void => {
    failed ??= error as Error;
    wake();
    finish();
  };
  const parser = new Parser({ strict: true, brotli: false, zstd: false });
  parser.on("end", () => finish());
  parser.on("entry", (entry: ReadEntry) => {
    const write = writeEntry(entry, place)
      .catch((error: unknown) => {
        fail(error);
        entry.resume();
      })
      .finally(() => writes.delete(entry));
    writes.set(entry, write);
  });
  parser.on("ignoredEntry", ({ path: name, type }: ReadEntry) =>
    fail(place.refused(`"${name}" is a ${type}, not a file`)),
  );
  parser.on("nullBlock", () => (hasEnd = true));
  parser.on("eof", () => (isOver = true));
  parser.on("drain", () => wake());
  parser.on("error", fail);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      hooks.signal?.throwIfAborted();
      place.read(chunk.length);
      // what follows the end is of no interest, but for its size and gzip's checksum
      if (isOver) continue;
      const goesOn = parser.write(chunk);
      const room = goesOn ? undefined : new Promise<void>((resolve) => (wake = resolve));
      if (room !== undefined && failed === undefined) await Promise.race([room, ...writes.values()]);
      while (writes.size >= WRITES) await Promise.race(writes.values());
      if (failed !== undefined) throw failed;
    }
    parser.end();
    // entries that it holds back are told of only when those before them have been written
    await finished;
  } catch (error) {
    fail(error);
    // what is being written waits for bytes that will not come
    for (const entry of writes.keys()) entry.destroy();
  } finally {
    source.destroy();
    bytes.destroy();
    await Promise.all(writes.values());
  }
  if (failed !== undefined) throw failed;
  if (!hasEnd) throw new Error("it ends without the mark that ends every tar archive: it was cut off");
}

async function writeEntry(entry: ReadEntry, place: Place): Promise<void> {
  if (entry.type === "Directory") {
    await place.folder(entry.path);
    entry.resume();
    return;
  }
  if (!["File", "OldFile", "ContiguousFile"].includes(entry.type)) {
    throw place.refused(`"${entry.path}" is a ${entry.type}, not a file`);
  }
  await place.write(place.claim(entry.path, entry.size), entry as AsyncIterable<Buffer>);
}

/** An error of the system, which says nothing about the archive: of writing as it is, of reading in our words. */
function ofSystem(error: unknown, { file, to }: UnpackTask): unknown {
  const { syscall, code, path: where } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  const isWrite = where === undefined ? code !== "EIO" : where.startsWith(to);
  return isWrite ? error : unreadable(error, file);
}

function damaged(subject: string, cause: unknown): FormatError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // yauzl's own words for names that lead out
  if (/^(invalid relative path|absolute path)/.test(message)) {
    return new FormatError({
      code: "ARCHIVE_REFUSED",
      subject,
      found: `an entry leads out of it (${message})`,
      expected: "an archive of plain files and folders",
      fix: "If you trust it, unpack it yourself and pass the folder",
    });
  }
  return new FormatError({
    code: "ARCHIVE_DAMAGED",
    subject,
    found: `it cannot be unpacked (${message})`,
    expected: "a whole zip, tar or tar.gz archive",
    fix: "Download it again",
    cause,
  });
}
