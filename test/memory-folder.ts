/**
 * Tests write, wait for and delete tens of thousands of small files: their temporary folder is one in memory, where
 * there is room. A TMPDIR that is given stays.
 */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";

const MEMORY = "/dev/shm";
/** Bytes; a container has 64 MiB there if nothing else is said. */
const ROOM = 4 * 2 ** 30;

export default function setup(): void {
  if (process.env["TMPDIR"] !== undefined || !hasRoom()) return;
  const folder = mkdtempSync(`${MEMORY}/fer-tests-`);
  process.env["TMPDIR"] = folder;
  // Ctrl-C included
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}
