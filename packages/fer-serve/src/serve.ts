/** Starts a server, in this process or in several that share the port. */
import { parseOptions } from "@fer/core";
import type { z } from "zod";
import { keyOf } from "./http/access.js";
import type { LogStream } from "./http/app.js";
import { openCluster } from "./cluster/open-cluster.js";
import { ServeOptions } from "./options.js";
import { openModel } from "./recognize/open-model.js";
import { openServer, type Server } from "./server.js";

export interface ServeHooks {
  /** Where lines of the log (JSON, one a line) go; nowhere where left out. */
  log?: LogStream | undefined;
  /** Stops the server: it takes no more, and answers what it has accepted. */
  signal?: AbortSignal | undefined;
}

/**
 * Serves a model over HTTP. The model is read once: the server keeps what it has loaded, whatever becomes of its files.
 *
 * @throws OptionsError for bad options, an address that is taken, or one that others can reach without a key; FormatError
 * where there is no model.
 *
 * @example
 * ```ts
 * import { serve } from "@fer/serve";
 *
 * const server = await serve({ model: "@fer/weights/fer2013", port: 0, views: 1, threads: 1 });
 * const answer = await fetch(`${server.url}/v1/model`);
 * console.log(((await answer.json()) as { classes: string[] }).classes.length); // 7
 * await server.close();
 * ```
 */
export async function serve(input: z.input<typeof ServeOptions>, { log, signal }: ServeHooks = {}): Promise<Server> {
  const options = parseOptions(input, { schema: ServeOptions, subject: "serve options" });
  const key = await keyOf(options);
  const model = await openModel(options);
  signal?.throwIfAborted();
  const parts = { model, key, log };
  const { url, port, closed, close } = await (options.workers === 1 ? openServer : openCluster)(options, parts);
  const stop = (): void => void close();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  return { url, port, closed, close };
}
