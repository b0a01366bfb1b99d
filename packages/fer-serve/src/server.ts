/** A server in one process: opened, listening, and stopped without cutting off what it has accepted. */
import { addressOf, cannotListen, closeOnce } from "@fer/core/http";
import { availableParallelism } from "node:os";
import type { AddressInfo } from "node:net";
import { Access } from "./http/access.js";
import { Admission } from "./http/admission.js";
import { type LogStream, makeApp } from "./http/app.js";
import { Metrics } from "./http/metrics.js";
import type { ServeOptions } from "./options.js";
import type { ThreadSettings } from "./recognize/messages.js";
import { Recognizers } from "./recognize/recognizers.js";

/** Most threads that are taken without being asked for. */
const MOST = 8;
/** Milliseconds between two looks at whether all is answered. */
const LOOK = 20;

/** A server that listens. */
export interface Server {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Resolves once it has stopped; `false` where `grace` was over before all was answered. */
  readonly closed: Promise<boolean>;
  /** Takes no more, answers what it has accepted, and ends; calling it twice is fine. */
  close(): Promise<boolean>;
}

export interface ServerParts {
  model: ThreadSettings["model"];
  key: string | null;
  log: LogStream | undefined;
  /** Text of `/metrics`, where several processes share the port. */
  metricsText?: () => Promise<string>;
}

/** @throws FerError where the model cannot be opened, or the address is taken. */
export async function openServer(
  options: ServeOptions,
  { model, key, log, metricsText }: ServerParts,
): Promise<Server & { metrics: Metrics }> {
  const { host, port, workers, fit, smallest, decoder, maxBatch, maxWait } = options;
  let recognizers: Recognizers | undefined;
  const metrics = new Metrics({
    underWay: () => admission.requests,
    waiting: () => recognizers?.waiting ?? 0,
  });
  const admission = new Admission({ ...options, onRejected: (reason) => metrics.rejected.inc({ reason }) });
  let isStopping = false;
  let warn: (error: Error) => void = () => undefined;
  const threads = options.threads || Math.max(1, Math.min(MOST, Math.floor(availableParallelism() / workers)));
  const settings = { model, fit, smallest, decoder, maxPixels: options.maxPixels * 1e6 };
  recognizers = await Recognizers.open(
    { ...settings, threads, maxBatch, maxWait, limit: options.timeout * 1000 },
    {
      onBatch: (faces) => metrics.batches.observe(faces),
      onThreadEnded(error) {
        metrics.threads.inc();
        warn(error);
      },
    },
  );
  const app = await makeApp({
    options,
    access: new Access({ ...options, key }),
    recognizers,
    metrics,
    admission,
    log,
    metricsText: metricsText ?? (() => metrics.registry.metrics()),
    isStopping: () => isStopping,
  });
  warn = (error) => app.log.warn({ reason: error.message.split("\n", 1)[0] }, "a thread was replaced");
  try {
    await app.listen({ host, port });
  } catch (error) {
    await Promise.all([app.close(), recognizers.close()]);
    throw cannotListen(error, { host, port });
  }
  const address = app.server.address() as AddressInfo;
  const url = addressOf(address);
  app.log.info({ url, threads }, "listening");

  const stop = async (): Promise<boolean> => {
    isStopping = true;
    app.log.info({ underWay: admission.requests }, "stopping");
    const closing = app.close();
    const end = performance.now() + options.grace * 1000;
    while (admission.requests > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK));
    const isWhole = admission.requests === 0;
    // Connections that bring nothing, or bring it too slowly.
    app.server.closeAllConnections();
    await closing;
    await recognizers.close();
    app.log.info({ cutOff: !isWhole }, "stopped");
    return isWhole;
  };
  return { url, port: address.port, ...closeOnce(stop), metrics };
}
