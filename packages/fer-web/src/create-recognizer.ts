/** Opens detector and model in a worker of the page. */
import { FerError } from "@fer/core/errors";
import { parseOptions } from "@fer/core/options";
import type { z } from "zod";
import { type Backend, type BackendName, BACKENDS } from "./backends.js";
import { modelReader, type ModelSource } from "./model-files.js";
import { WebRecognizerOptions } from "./options.js";
import { noBackend, startBackend, type StartOptions } from "./start-backend.js";
import { WebRecognizer } from "./web-recognizer.js";
import { WorkerSession } from "./worker-session.js";

export interface CreateRecognizerOptions extends z.input<typeof WebRecognizerOptions> {
  /** Where the model comes from; default: the one that comes along, `fer2013` of `@fer/weights`. */
  model?: ModelSource;
  /** Told when a device is lost and another backend goes on. */
  onBackendChange?: (backend: Backend) => void;
  signal?: AbortSignal;
}

/**
 * A recognizer for this page. Pictures stay on the machine: they go to a worker of the page, and nowhere else.
 *
 * @throws OptionsError `INVALID_OPTIONS`; {@link FerError} `PAGE_FROM_FILE`; EngineError `NO_BACKEND`; FormatError where
 * the model is not there or is not one
 * @example
 * ```ts not run: it wants a page
 * import { createRecognizer } from "@fer/web";
 *
 * const recognizer = await createRecognizer();
 * const picture = await (await fetch("photo.jpg")).blob();
 * for (const { box, expression, confidence } of await recognizer.recognize(picture)) {
 *   console.log(box, expression, confidence);
 * }
 * ```
 */
export async function createRecognizer(options: CreateRecognizerOptions = {}): Promise<WebRecognizer> {
  const { model, onBackendChange, signal, ...rest } = options;
  const { backend, assets, detector, views } = parseOptions(rest, {
    schema: WebRecognizerOptions,
    subject: "recognizer options",
  });
  refuseFilePage();
  signal?.throwIfAborted();
  const read = modelReader(model, (name) => modelFile(name, assets));
  const starting: StartOptions = {
    names: backend === "auto" ? [...BACKENDS] : [backend].flat(),
    isNamed: backend !== "auto",
    start: async (name, until) => {
      let worker: Worker;
      try {
        worker = workerOf(name, assets);
      } catch (error) {
        // Of another origin, or refused by the page's policy.
        return { reason: `its worker cannot be made (${(error as Error).message})` };
      }
      return WorkerSession.start({ worker, read, detector, views, signal: until });
    },
  };
  const refused: Backend["refused"] = [];
  const running = await startBackend(starting, { refused, signal });
  if (running === null) throw noBackend(refused);
  return new WebRecognizer({ running, next: (now) => startBackend(starting, { refused: now }), onBackendChange });
}

/** Bundlers find workers and files by these very expressions. */
function workerOf(name: BackendName, assets: string | undefined): Worker {
  if (assets !== undefined) {
    const url = new URL(`workers/${name}.js`, new URL(assets, document.baseURI));
    return new Worker(url, { type: "module" });
  }
  switch (name) {
    case "webgpu":
      return new Worker(new URL("./workers/webgpu.js", import.meta.url), { type: "module" });
    case "webgl":
      return new Worker(new URL("./workers/webgl.js", import.meta.url), { type: "module" });
    case "wasm":
      return new Worker(new URL("./workers/wasm.js", import.meta.url), { type: "module" });
  }
}

function modelFile(name: string, assets: string | undefined): URL | undefined {
  if (assets !== undefined) return new URL(`model/${name}`, new URL(assets, document.baseURI));
  switch (name) {
    case "model.json":
      return new URL("./model/model.json", import.meta.url);
    case "network.json":
      return new URL("./model/network.json", import.meta.url);
    case "network.bin":
      return new URL("./model/network.bin", import.meta.url);
    default:
      return undefined;
  }
}

function refuseFilePage(): void {
  if (location.protocol !== "file:") return;
  throw new FerError({
    code: "PAGE_FROM_FILE",
    subject: "page",
    found: "it was opened from a file, where browsers start no workers and load no other files",
    expected: "a page from a server, which may run on this machine",
    fix: "Run npx vite, or python3 -m http.server, in the page's folder, and open the address that it prints",
  });
}
