/**
 * Loads a library that writes to stderr while it does, as TensorFlow does: a message from its static initializers that
 * no setting turns off. What the process writes meanwhile is kept in a file; what others wrote is written on after.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `native/stderr.cc`, where it was compiled. */
interface Stderr {
  redirect(path: string): boolean;
  restore(): void;
}

/** Name of the addon, beside that of TensorFlow. */
export const STDERR_ADDON = "stderr.node";

/** Lines of TensorFlow's two loggers: `I0000 00:00:1795892786.506213 port.cc:153] ...`, `2026-11-28 ...: I tensorflow/...` */
const LOGGED =
  /^(?:WARNING: All log messages before absl::InitializeLog|[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d .*: [IWE] )/;

/** Runs `load`; where it fails, or the addon is not in `folder`, nothing is held back. */
export function quietLoad(folder: string, load: () => void): void {
  const addon = join(folder, STDERR_ADDON);
  // Who asks TensorFlow for its messages gets them.
  if (!existsSync(addon) || Number(process.env.TF_CPP_MIN_LOG_LEVEL) < 2) return load();
  const stderr = createRequire(import.meta.url)(addon) as Stderr;
  const scratch = mkdtempSync(join(tmpdir(), "fer-stderr-"));
  const file = join(scratch, "stderr");
  const isRedirected = stderr.redirect(file);
  // From here on it is known by its descriptor alone: a process that ends meanwhile leaves nothing.
  const kept = isRedirected ? openSync(file, "r") : null;
  rmSync(scratch, { recursive: true, force: true });
  let hasLoaded = false;
  try {
    load();
    hasLoaded = true;
  } finally {
    stderr.restore();
    const lines = kept === null ? [] : readFileSync(kept, "utf8").split(/(?<=\n)/);
    const rest = lines.filter((line) => !hasLoaded || !LOGGED.test(line)).join("");
    if (rest !== "") writeSync(2, rest);
    if (kept !== null) closeSync(kept);
  }
}
