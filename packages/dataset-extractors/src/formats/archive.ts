/**
 * Owners ship archives. `.zip`, `.tar`, `.tar.gz` and `.tgz` are unpacked once into a cache (`FER_CACHE`, else the
 * user's cache folder), archives within them too, and then read as folders. Unpacking happens beside the final place and ends
 * with a rename, so that an interrupted one starts again.
 *
 * Refused: entries that lead out of the archive's own folder, links and devices, passwords, and bombs (more than
 * `RATIO` times the size of the archive; what datasets are made of shrinks little).
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { list, extract as untar } from "tar";
import { openPromise } from "yauzl";
import { cacheFolder, FormatError, makeFolder } from "@fer/core";
import { Folder } from "../tree/folder.js";

const SUPPORTED = /\.(zip|tar|tgz|tar\.gz)$/i;
/** Archives within archives are opened down to this depth. */
const DEPTH = 3;
const RATIO = 100;
const BOMB = `its content is more than ${RATIO} times as large as itself`;
/** Below this size nothing is a bomb: a table of zeros may shrink a thousandfold. */
const HARMLESS = 1 << 26;

/** Whether this name is that of an archive that can be opened here. */
export function isArchive(name: string): boolean {
  return SUPPORTED.test(name);
}

/**
 * The content of an archive as a folder: unpacked now, or found in the cache under the archive's path, size and time.
 *
 * @throws FormatError for an archive that is damaged, locked or hostile.
 */
export async function openArchive(file: string): Promise<Folder> {
  const absolute = await realpath(file);
  const { size, mtimeMs } = await stat(absolute);
  const key = createHash("sha256").update(`${absolute}\n${size}\n${mtimeMs}`).digest("hex").slice(0, 16);
  const home = path.join(cacheFolder(), "archives", `${nameOf(file)}-${key}`);
  const content = path.join(home, "content");
  if ((await readFile(path.join(home, "complete"), "utf8").catch(() => "")) === "") {
    const partial = `${home}.partial-${process.pid}`;
    try {
      await makeFolder(path.join(partial, "content"));
      await unpack(absolute, path.join(partial, "content"), { left: Math.max(HARMLESS, size * RATIO) }, 1);
      await writeFile(path.join(partial, "complete"), `${absolute}\n`);
      await rm(home, { recursive: true, force: true });
      await rename(partial, home);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return Folder.open(content);
}

/** A folder in which the archives that can be opened appear as folders of their name. */
export async function withArchives(folder: Folder): Promise<Folder> {
  const parts: { at: string; folder: Folder }[] = [];
  for (const archive of folder.archives.filter(isArchive)) {
    parts.push({ at: archive.replace(SUPPORTED, ""), folder: await openArchive(folder.absolute(archive)) });
  }
  return folder.mount(parts);
}

/** Bytes that may still be written before an archive counts as a bomb. */
interface Budget {
  left: number;
}

async function unpack(file: string, to: string, budget: Budget, depth: number): Promise<void> {
  try {
    await (/\.zip$/i.test(file) ? unzip(file, to, budget) : untarInto(file, to, budget));
  } catch (cause) {
    throw cause instanceof FormatError ? cause : damaged(file, cause);
  }
  const { archives } = await Folder.open(to);
  for (const inner of archives.filter(isArchive)) {
    if (depth === DEPTH) throw refused(file, `archives in archives, more than ${DEPTH} deep`);
    const target = path.join(to, path.dirname(inner), nameOf(inner));
    await mkdir(target, { recursive: true });
    await unpack(path.join(to, inner), target, budget, depth + 1);
    await rm(path.join(to, inner));
  }
}

async function unzip(file: string, to: string, budget: Budget): Promise<void> {
  // strict names: ".." and absolute paths are errors, "\" is a separator
  const zip = await openPromise(file, { autoClose: false, strictFileNames: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const target = inside(file, to, entry.fileName);
      if (entry.isEncrypted()) throw refused(file, `"${entry.fileName}" is locked by a password`);
      const mode = (entry.externalFileAttributes >>> 16) & 0o170000;
      if (mode !== 0 && mode !== 0o100000 && mode !== 0o040000) throw refused(file, `"${entry.fileName}" is a link`);
      if (entry.fileName.endsWith("/")) {
        await mkdir(target, { recursive: true });
        continue;
      }
      spend(file, budget, entry.uncompressedSize);
      await mkdir(path.dirname(target), { recursive: true });
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
      await pipeline(stream, summed, createWriteStream(target));
      if (sum !== entry.crc32) throw new Error(`the checksum of "${entry.fileName}" is wrong`);
    }
  } finally {
    zip.close();
  }
}

async function untarInto(file: string, to: string, budget: Budget): Promise<void> {
  let problem: FormatError | undefined;
  await list({
    file,
    strict: true,
    onReadEntry(entry) {
      try {
        inside(file, to, entry.path);
        if (!["File", "OldFile", "ContiguousFile", "Directory"].includes(entry.type)) {
          throw refused(file, `"${entry.path}" is a ${entry.type}, not a file`);
        }
        spend(file, budget, entry.size);
      } catch (error) {
        problem ??= error as FormatError;
      }
    },
  });
  if (problem !== undefined) throw problem;
  await untar({ file, cwd: to, strict: true, preserveOwner: false, noMtime: true });
}

/** The place of an entry, which must lie below the folder. */
function inside(file: string, to: string, name: string): string {
  const target = path.join(to, name.replaceAll("\\", "/"));
  const steps = path.relative(to, target).split(path.sep);
  if (path.isAbsolute(name) || /^[a-z]:/i.test(name) || steps[0] === "..") {
    throw refused(file, `the entry "${name}" leads out of it`);
  }
  return target;
}

function spend(file: string, budget: Budget, bytes: number): void {
  budget.left -= bytes;
  if (budget.left < 0) throw refused(file, BOMB);
}

/** Base name without the archive's extension. */
function nameOf(file: string): string {
  return path.basename(file).replace(SUPPORTED, "");
}

function refused(file: string, found: string): FormatError {
  return new FormatError({
    code: "ARCHIVE_REFUSED",
    subject: path.basename(file),
    found,
    expected: "an archive of plain files and folders",
    fix: "If you trust it, unpack it yourself and pass the folder",
  });
}

function damaged(file: string, cause: unknown): FormatError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // yauzl's own words for names that lead out
  if (/^(invalid relative path|absolute path)/.test(message))
    return refused(file, `an entry leads out of it (${message})`);
  // tar's own limit, met while reading
  if (message.includes("decompression ratio")) return refused(file, BOMB);
  return new FormatError({
    code: "ARCHIVE_DAMAGED",
    subject: path.basename(file),
    found: `it cannot be unpacked (${message})`,
    expected: "a whole zip, tar or tar.gz archive",
    fix: "Download it again",
    cause,
  });
}
