/** MLflow: a server that answers, one that does not, and a real one (FER_TRACKERS). */
import { openSet } from "@fer/core/set";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FerTrainer, mlflow } from "../../dist/index.js";
import { tinySet } from "../tiny-set.js";

/** A Python with TensorBoard and MLflow. */
const python = process.env["FER_TRACKERS"];

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function track(url: string, { to, stopAfter }: { to: string; stopAfter?: number }) {
  const set = await openSet(at("features/tiny"));
  const notes: string[] = [];
  const stopped = new AbortController();
  const trainer = new FerTrainer({
    to: at(to),
    epochs: 3,
    batchSize: 16,
    architecture: "tiny",
    engine: "cpu",
    report: false,
    views: 1,
  });
  const { options } = trainer.optionsFor(set);
  const tracker = mlflow(url, { to: at(to), options, onNote: (text) => notes.push(text) });
  const stop = {
    name: "stop",
    onEpochEnd: ({ epoch }: { epoch: number }) => void (epoch === stopAfter && stopped.abort()),
  };
  try {
    const run = await trainer.fit(set, { callbacks: [tracker.callback, stop], signal: stopped.signal });
    return {
      run,
      notes,
      finished: await tracker.finish(run, { set }).then(
        () => null,
        (error: Error) => error,
      ),
    };
  } finally {
    set.close();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-mlflow-"));
  (await tinySet(at("features"), { size: 24 })).close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a server that does not answer is named once, and stops no training", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { run, notes, finished } = await track(url, { to: "runs/alone" });
  expect(run.history).toHaveLength(3);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^MLflow at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*Training goes on/);
  expect(finished).toMatchObject({ name: "EngineError", code: "NO_TRACKING" });
});

it("refuses an address that is none", () => {
  expect(() => mlflow("localhost:5000", { to: "runs/x", options: {} })).toThrow(
    'mlflow: "localhost:5000". Expected the address of a tracking server, such as http://127.0.0.1:5000.',
  );
});

describe.skipIf(!python)("a real server (FER_TRACKERS)", () => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const words = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
    const stores = ["--backend-store-uri", `sqlite:///${at("mlflow.db")}`, "--artifacts-destination", at("artifacts")];
    server = spawn(python!, [...words, ...stores], { cwd: folder, stdio: "ignore", detached: true });
    for (;;) {
      const answer = await fetch(`${url}/health`).catch(() => null);
      if (answer?.ok === true) return;
      if (server.exitCode !== null) throw new Error(`mlflow server ended with ${server.exitCode}`);
      await sleep(500);
    }
  }, 240_000);
  afterAll(() => {
    // and its workers
    if (server.pid !== undefined) process.kill(-server.pid);
  });

  const ask = async (path: string, body?: object): Promise<unknown> =>
    (
      await fetch(
        `${url}/api/2.0/mlflow/${path}`,
        body === undefined
          ? {}
          : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
      )
    ).json();

  interface Found {
    runs: {
      info: { run_id: string; status: string; run_name: string };
      data: { params: { key: string; value: string }[]; metrics: { key: string; value: number }[] };
    }[];
  }

  it(
    "shows a training that was interrupted as one run: options, history, scores, files",
    { timeout: 240_000 },
    async () => {
      await expect(track(url, { to: "runs/stopped", stopAfter: 1 })).rejects.toThrow(/stopped/);
      const { run, notes, finished } = await track(url, { to: "runs/stopped" });
      expect([notes, finished]).toEqual([[], null]);
      const again = await track(url, { to: "runs/stopped" });
      expect([again.run.reused, again.finished]).toEqual([true, null]);

      const named = (await ask("experiments/get-by-name?experiment_name=fer")) as {
        experiment: { experiment_id: string };
      };
      const { runs } = (await ask("runs/search", { experiment_ids: [named.experiment.experiment_id] })) as Found;
      expect(runs).toHaveLength(1);
      const [{ info, data }] = runs as [Found["runs"][number]];
      expect(info).toMatchObject({ status: "FINISHED", run_name: "stopped" });
      expect(data.params).toContainEqual({ key: "schedule.name", value: "cosine" });
      expect(data.metrics.find(({ key }) => key === "test_accuracy")?.value).toBeCloseTo(run.metrics!.accuracy, 9);
      const history = (await ask(`metrics/get-history?run_id=${info.run_id}&metric_key=loss`)) as {
        metrics: { step: number | string; value: number }[];
      };
      expect(history.metrics.map(({ step, value }) => [Number(step), value])).toEqual(
        run.history.map(({ epoch, loss }) => [epoch, loss]),
      );
      const { files } = (await ask(`artifacts/list?run_id=${info.run_id}`)) as { files: { path: string }[] };
      expect(files.map(({ path }) => path)).toEqual(
        expect.arrayContaining(["config.json", "confusion_matrix.png", "history.csv", "metrics.json", "model.json"]),
      );
    },
  );
});
