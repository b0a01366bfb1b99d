/**
 * A server of several processes (`node:cluster`), for machines whose cores one process cannot use. The first process reads
 * the model and the key, starts the others, collects their figures, and replaces one that ends.
 */
import { revived } from "@fer/core/carried-error";
import { cannotListen, closeOnce } from "@fer/core/http";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AggregatorRegistry } from "prom-client";
import type { ServeOptions } from "../options.js";
import type { Server, ServerParts } from "../server.js";
import type { FromWorker, ToWorker } from "./messages.js";

/** Milliseconds before a process that has ended is replaced. */
const PAUSE = 1000;

/** @throws as `openServer`. */
export async function openCluster(options: ServeOptions, { model, key, log }: ServerParts): Promise<Server> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL("cluster-worker.js", import.meta.url)),
    args: [],
    execArgv: [],
    serialization: "advanced",
    silent: true,
  });
  const figures = new AggregatorRegistry();
  const workers = new Set<Worker>();
  let isStopping = false;
  let isWhole = true;
  // Memory that threads share does not pass from process to process.
  const plain = "onnx" in model ? { ...model, onnx: Uint8Array.from(model.onnx) } : model;

  // Of port 0, a process that comes when all others are gone would get another one.
  const port = options.port || (await freePort(options));
  const told = { ...options, port };

  const start = (): Promise<{ url: string; port: number }> => {
    const worker = cluster.fork();
    workers.add(worker);
    if (worker.process.stdout !== null)
      createInterface({ input: worker.process.stdout }).on("line", (line) => log?.write(`${line}\n`));
    worker.process.stderr?.pipe(process.stderr, { end: false });
    // One that is ending may take no more messages.
    worker.on("error", () => undefined);
    const tell = (message: ToWorker): void => void (worker.isConnected() && worker.send(message));
    worker.once("exit", (code) => {
      workers.delete(worker);
      if (isStopping) isWhole &&= code === 0;
    });
    return new Promise((resolve, reject) => {
      worker.once("exit", (code) => reject(new Error(`a process of the server has ended (exit code ${code})`)));
      worker.on("message", (message: FromWorker) => {
        if (message.fer === "started")
          tell({ fer: "serve", options: told, model: plain, key, isLogged: log !== undefined });
        if (message.fer === "failed") reject(revived(message.failure));
        if (message.fer === "ask metrics") void answer(message.id, tell);
        if (message.fer !== "listening") return;
        worker.once("exit", () => void replace());
        resolve(message);
      });
    });
  };
  const answer = async (id: number, tell: (message: ToWorker) => void): Promise<void> => {
    const text = await figures.clusterMetrics().catch(() => "");
    tell({ fer: "metrics", id, text });
  };
  const replace = async (): Promise<void> => {
    if (isStopping) return;
    log?.write(`${JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, msg: "a process was replaced" })}\n`);
    await setTimeout(PAUSE, undefined, { ref: false });
    if (!isStopping) await start().catch(() => replace());
  };
  const stop = async (): Promise<boolean> => {
    isStopping = true;
    const all = [...workers];
    await Promise.all(
      all.map(async (worker) => {
        const ended = new Promise((resolve) => worker.once("exit", resolve));
        if (worker.isConnected()) worker.send({ fer: "stop" } satisfies ToWorker);
        await ended;
      }),
    );
    return isWhole;
  };

  let first: { url: string; port: number };
  try {
    first = await start();
    await Promise.all(Array.from({ length: options.workers - 1 }, start));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...first, ...closeOnce(stop) };
}

/** One that nothing listens at now. */
async function freePort({ host }: ServeOptions): Promise<number> {
  const probe = createServer();
  try {
    probe.listen({ host, port: 0 });
    await once(probe, "listening");
    return (probe.address() as AddressInfo).port;
  } catch (error) {
    throw cannotListen(error, { host, port: 0 });
  } finally {
    probe.close();
  }
}
