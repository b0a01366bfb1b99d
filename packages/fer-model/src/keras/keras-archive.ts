/**
 * `.keras` archives: a zip of `config.json` (architecture), `metadata.json` (version) and `model.weights.h5`. Nothing
 * is unpacked to disk; entries that no archive of Keras has (`..`, absolute paths, one name twice) are refused, and so is
 * what would unpack to far more than a model.
 */
import { FormatError } from "@fer/core";
import { crc32 } from "node:zlib";
import { z } from "zod";
import type { StoredConfig } from "./h5-weights.js";

/** What an archive holds. */
export interface KerasArchive {
  config: StoredConfig;
  weights: Uint8Array;
}

const PARTS = ["config.json", "metadata.json", "model.weights.h5"] as const;
type Part = (typeof PARTS)[number];

/** Weights of more than this many bytes would not fit into the memory of the HDF5 library. */
const LARGEST: Record<Part, number> = {
  "config.json": 2 ** 26,
  "metadata.json": 2 ** 20,
  "model.weights.h5": 2 ** 31 - 1,
};

const Metadata = z.looseObject({ keras_version: z.string().optional() });

/** Reads an archive held in memory; `name` is for messages. @throws {@link FormatError} */
export async function readKerasArchive(bytes: Buffer, name: string): Promise<KerasArchive> {
  const parts = await readParts(bytes, name);
  for (const part of PARTS) {
    if (parts.has(part)) continue;
    throw new FormatError({
      code: "NOT_KERAS_ARCHIVE",
      subject: name,
      found: `a zip archive without ${part}`,
      expected: `${PARTS.join(", ")}, as model.save("name.keras") writes them`,
      ...(part === "model.weights.h5" ? { fix: "Weights in several files are not read; save the model in one" } : {}),
    });
  }
  const { keras_version } = Metadata.safeParse(jsonOf(parts.get("metadata.json")!)).data ?? {};
  return {
    config: { architecture: parts.get("config.json")!.toString("utf8"), kerasVersion: keras_version },
    weights: parts.get("model.weights.h5")!,
  };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}

async function readParts(bytes: Buffer, name: string): Promise<Map<Part, Buffer>> {
  const { fromBufferPromise } = await import("yauzl");
  const parts = new Map<Part, Buffer>();
  const seen = new Set<string>();
  try {
    // Strict about names: ".." and absolute paths are errors.
    const zip = await fromBufferPromise(bytes, { strictFileNames: false });
    for await (const entry of zip.eachEntry()) {
      if (seen.has(entry.fileName)) throw refused(name, `the entry "${entry.fileName}" twice`);
      seen.add(entry.fileName);
      const part = PARTS.find((known) => known === entry.fileName);
      if (part === undefined) continue;
      if (entry.isEncrypted()) throw refused(name, `"${part}" locked by a password`);
      if (entry.uncompressedSize > LARGEST[part]) throw refused(name, `"${part}" of ${entry.uncompressedSize} bytes`);
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      if (crc32(content) !== entry.crc32) throw new Error(`the checksum of "${part}" is wrong`);
      parts.set(part, content);
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/^(invalid relative path|absolute path)/.test(message)) {
      throw refused(name, `an entry that leads out of it (${message})`);
    }
    throw new FormatError({
      code: "DAMAGED_KERAS_ARCHIVE",
      subject: name,
      found: `a damaged archive of ${bytes.length} bytes (${message})`,
      expected: "a whole .keras file",
      fix: "Copy or train it again",
      cause,
    });
  }
  return parts;
}

const refused = (name: string, found: string): FormatError =>
  new FormatError({
    code: "KERAS_ARCHIVE_REFUSED",
    subject: name,
    found,
    expected: 'an archive as model.save("name.keras") writes it',
    fix: "Save the model again",
  });
