/** Where the files of a model come from: the one that comes along, a folder on a server, files that a user chose. */
import { FormatError, OptionsError } from "@fer/core/errors";
import type { ReadModelFile } from "@fer/recognizer";

/**
 * A folder as `fer export --as tfjs` writes it: its address (or that of its `model.json`), the files that a user chose or
 * dropped, or a function that gives the bytes of a file by its name.
 */
export type ModelSource = string | URL | FileList | readonly File[] | ReadModelFile;

/** @param home Addresses of the files of the model that comes along. */
export function modelReader(source: ModelSource | undefined, home: (name: string) => URL | undefined): ReadModelFile {
  if (source === undefined) return async (name) => fetched(home(name) ?? missing(name), name);
  if (typeof source === "function") return source;
  if (typeof source === "string" || source instanceof URL) return fromFolder(source);
  return fromFiles(Array.from(source));
}

function missing(name: string): never {
  throw new FormatError({ code: "NO_MODEL_FILE", subject: name, found: "the model that comes along has no such file" });
}

function fromFolder(address: string | URL): ReadModelFile {
  const folder = folderOf(address);
  return async (name) => {
    const url = new URL(name, folder);
    // A model names its files; none of them may be somewhere else.
    if (!url.href.startsWith(folder.href)) {
      throw new FormatError({
        code: "BAD_MODEL",
        subject: folder.href,
        found: `it names the file ${JSON.stringify(name)}, outside its folder`,
        expected: "a model as fer export --as tfjs writes it",
      });
    }
    return fetched(url, name);
  };
}

function folderOf(address: string | URL): URL {
  let url: URL;
  try {
    url = new URL(address, document.baseURI);
  } catch (cause) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "recognizer options: model",
      found: `received ${JSON.stringify(String(address))}`,
      expected: "the address of a folder that fer export --as tfjs wrote",
      cause,
    });
  }
  url.search = url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname = url.pathname.replace(/\/model\.json$/, "") + "/";
  return url;
}

async function fetched(url: URL, name: string): Promise<Uint8Array> {
  const failed = (found: string, cause?: unknown): FormatError =>
    new FormatError({
      code: "NO_MODEL_FILE",
      subject: url.href.startsWith("data:") ? name : url.href,
      found,
      expected: `${name} of a model as fer export --as tfjs writes it`,
      fix: "Serve the whole folder, and pass its address",
      cause,
    });
  const response = await fetch(url).catch((cause: unknown) => {
    throw failed(`it cannot be loaded (${(cause as Error).message})`, cause);
  });
  if (!response.ok) throw failed(`the server says ${response.status}`);
  if (/^text\/html\b/.test(response.headers.get("content-type") ?? ""))
    throw failed("the server gives a web page in its place");
  return new Uint8Array(await response.arrayBuffer());
}

const pathOf = (file: File): string => file.webkitRelativePath || file.name;
const folderOfPath = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

function fromFiles(files: readonly File[]): ReadModelFile {
  const heads = files.filter((file) => file.name === "model.json");
  if (heads.length !== 1) {
    throw new FormatError({
      code: "NO_MODEL_FILE",
      subject: "chosen files",
      found:
        heads.length === 0 ? `no model.json among ${files.length} files` : `${heads.length} files called model.json`,
      expected: "the files of one folder that fer export --as tfjs wrote",
      fix: "Choose the whole folder",
    });
  }
  const folder = folderOfPath(pathOf(heads[0]!));
  const byName = new Map(files.map((file) => [pathOf(file), file]));
  return async (name) => {
    const file = byName.get(folder + name);
    if (file === undefined) {
      throw new FormatError({
        code: "NO_MODEL_FILE",
        subject: "chosen files",
        found: `no ${name} beside model.json`,
        expected: "the files of one folder that fer export --as tfjs wrote",
        fix: "Choose the whole folder",
      });
    }
    return new Uint8Array(await file.arrayBuffer());
  };
}
