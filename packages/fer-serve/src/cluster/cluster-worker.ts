/** A process of a server that has several: it serves until the first one tells it to stop, or is gone. */
import { AggregatorRegistry } from "prom-client";
import { carried } from "@fer/core/carried-error";
import { openServer, type Server } from "../server.js";
import type { FromWorker, ToWorker } from "./messages.js";

const tell = (message: FromWorker): void => void process.send?.(message);
const waiting = new Map<number, (text: string) => void>();
let server: Server | undefined;
let asked = 0;

/** Ctrl-C reaches every process of a terminal; the first one tells the others what to do. */
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => void stop());
process.on("disconnect", () => void stop());
process.on("message", (message: ToWorker) => {
  if (message.fer === "serve") void start(message);
  if (message.fer === "stop") void stop();
  if (message.fer === "metrics") {
    waiting.get(message.id)?.(message.text);
    waiting.delete(message.id);
  }
});
tell({ fer: "started" });

/** Figures of all processes: the first one collects them. */
const metricsText = (): Promise<string> =>
  new Promise((resolve) => {
    const id = ++asked;
    waiting.set(id, resolve);
    tell({ fer: "ask metrics", id });
  });

async function start({ options, model, key, isLogged }: Extract<ToWorker, { fer: "serve" }>): Promise<void> {
  try {
    const opened = await openServer(options, { model, key, log: isLogged ? process.stdout : undefined, metricsText });
    AggregatorRegistry.setRegistries(opened.metrics.registry);
    // It answers the first process from now on.
    void new AggregatorRegistry();
    server = opened;
    tell({ fer: "listening", url: opened.url, port: opened.port });
  } catch (error) {
    tell({ fer: "failed", failure: carried(error) });
    process.exitCode = 1;
    process.disconnect();
  }
}

async function stop(): Promise<void> {
  const isWhole = (await server?.close()) ?? true;
  process.exit(isWhole ? 0 : 1);
}
