/** Starts the page over a folder, and stops it. */
import { OptionsError, parseOptions } from "@fer/core";
import { addressOf, Callers, cannotListen, closeOnce } from "@fer/core/http";
import { realpath, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { Catalog } from "./artifacts/catalog.js";
import { makeApp } from "./http/app.js";
import { Live } from "./live/live.js";
import { ViewOptions } from "./options.js";
import { Occlusions } from "./runs/occlusion.js";
import { TestedRuns } from "./runs/tested-runs.js";
import { OpenSets } from "./sets/open-sets.js";

/** Bytes of the word in the address: nobody guesses 2^128. */
const TOKEN_BYTES = 16;

export interface ViewHooks {
  /** Stops it. */
  signal?: AbortSignal | undefined;
}

/** A page that can be opened. */
export interface Viewer {
  /** With the word that lets in whoever has it: `http://127.0.0.1:40123/3f.../`. */
  readonly url: string;
  readonly port: number;
  /** Resolves once it has stopped. */
  readonly closed: Promise<boolean>;
  /** Ends it; calling it twice is fine. */
  close(): Promise<boolean>;
}

/**
 * Shows the datasets, sets and runs of a folder on a page of this machine; runs that are under way grow while one looks.
 * Nothing is written but the verdicts of the review.
 *
 * @throws OptionsError for bad options, a folder that is not there, or an address that is taken.
 *
 * @example
 * ```ts
 * import { view } from "@fer/view";
 *
 * const viewer = await view({ folder: "." });
 * const page = await fetch(viewer.url);
 * console.log(page.status); // 200
 * await viewer.close();
 * ```
 */
export async function view(input: z.input<typeof ViewOptions> = {}, { signal }: ViewHooks = {}): Promise<Viewer> {
  const options = parseOptions(input, { schema: ViewOptions, subject: "view options" });
  const { folder, host, port } = options;
  await refuseNoFolder(folder);
  signal?.throwIfAborted();
  const token = randomBytes(TOKEN_BYTES).toString("hex");
  const catalog = new Catalog(await realpath(folder));
  const live = new Live();
  const sets = new OpenSets(catalog);
  const tested = new TestedRuns(catalog, sets);
  const occlusions = new Occlusions(sets);
  const app = makeApp({ options, token, catalog, live, sets, tested, occlusions, callers: new Callers({ host }) });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, { host, port });
  }
  const address = app.server.address() as AddressInfo;
  const stop = async (): Promise<boolean> => {
    live.close();
    sets.close();
    occlusions.close();
    app.server.closeAllConnections();
    await app.close();
    return true;
  };
  const { closed, close } = closeOnce(stop);
  signal?.addEventListener("abort", () => void close(), { once: true });
  if (signal?.aborted === true) void close();
  return { url: `${addressOf(address)}/${token}/`, port: address.port, closed, close };
}

async function refuseNoFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new OptionsError({
    code: "NO_FOLDER",
    subject: folder,
    found: found === null ? "no such folder" : "it is a file",
    expected: "a folder with datasets, sets or runs",
    fix: found === null ? "Name another one" : "Name the folder that it lies in",
  });
}
