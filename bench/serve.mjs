/**
 * `fer serve` under load, beside Express + @vladmandic/human (photos) and FastAPI + onnxruntime with the ONNX file that
 * `fer export` writes of the same model (faces of 48 x 48 pixels, one view): 100 keep-alive connections of autocannon on
 * loopback, peers in turns, then 20,000 requests to `fer serve` alone. Then 10,000 malformed requests, and 10,000 idle
 * keep-alive connections.
 *
 * `FER_PYTHON` has fastapi, uvicorn, onnxruntime and pillow. `FER_BENCH_REQUESTS` (20,000), `FER_BENCH_ROUNDS` (3).
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { paste } from "@fer/core/pixels";
import { encodePng, prepareImage, readPicture } from "@fer/dataset-extractors/image";
import { freezeModel } from "@fer/model";
import { installedPeers } from "./peers/installed_peers.mjs";
import { median } from "./peers/median.mjs";

export const title = "fer serve under load";
export const peers =
  "FastAPI 0.165.0 + uvicorn 0.54.0 + onnxruntime (the better of one and two processes), Express 5 + @vladmandic/human 3.3.6; load by autocannon 9.0.0";

const REQUESTS = Number(process.env.FER_BENCH_REQUESTS ?? 20_000);
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 3);
const CLIENTS = 100;
const PACKAGES = [
  "@vladmandic/human@3.3.6",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
  "express@5.3.0",
  "sharp@0.35.5",
  "autocannon@9.0.0",
];
const root = fileURLToPath(new URL("..", import.meta.url));
const model = join(root, "packages/fer-weights/fer2013");
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export async function run({ log, python }) {
  const home = installedPeers({ folder: "bench-serve", packages: PACKAGES });
  const frozen = await freezeModel(model, { views: 1 });
  const folder = mkdtempSync(join(tmpdir(), "fer-serve-bench-"));
  const onnx = join(folder, "model.onnx");
  writeFileSync(onnx, frozen.onnx);
  const { classes } = frozen.model;
  const frames = join(root, "examples/data/ckplus");
  const files = Array.from({ length: 28 }, (_, i) => {
    const of = join(frames, String(i % 7));
    return join(of, readdirSync(of).sort()[Math.floor(i / 7)]);
  });
  const faces = await Promise.all(files.map(cropOf));
  const photos = await Promise.all([0, 1, 2, 3].map((i) => photoOf(files.slice(7 * i, 7 * i + 2))));
  const rows = [];
  const row = (subject, of, ...[value, unit, ratio = null]) => rows.push({ subject, case: of, value, unit, ratio });

  const own = await startOwn([]);
  try {
    // --- faces, beside FastAPI
    const rivals = [];
    for (const [workers, threads] of [
      [1, 0],
      [1, 1],
      [2, 1],
    ])
      rivals.push(await startFastApi({ python, onnx, classes, workers, threads }));
    const far = await farthest({ faces, a: own.url, b: rivals[0].url });
    row("@fer/serve and FastAPI", "largest difference of a probability, 28 faces", far, "");
    log(`probabilities differ by at most ${far}`);
    const subjects = [own, ...rivals];
    const rounds = new Map(subjects.map((subject) => [subject, []]));
    for (const subject of subjects) await load({ home, url: subject.url, bodies: faces, amount: 300 });
    for (let round = 0; round < ROUNDS; round++)
      for (const subject of subjects) {
        const result = await load({ home, url: subject.url, bodies: faces, amount: Math.max(500, REQUESTS / 5) });
        rounds.get(subject).push(result);
        log(
          `${subject.name}: ${result.rate.toFixed(0)} faces/s, p99 ${result.p99} ms, ${result.errors} errors, the load tool ${(100 * result.share).toFixed(0)}% of a core`,
        );
      }
    for (const rival of rivals) await rival.stop();
    const best = rivals.toSorted((a, b) => medianOf(rounds.get(b), "rate") - medianOf(rounds.get(a), "rate"))[0];
    const ratio = (key) =>
      medianOf(
        rounds.get(own).map((result, i) => ({ [key]: result[key] / rounds.get(best)[i][key] })),
        key,
      );
    for (const subject of subjects) {
      const of = "faces of 48 x 48, one view, 100 clients";
      const results = rounds.get(subject);
      const [rate, p99] = subject === own ? [ratio("rate"), ratio("p99")] : [null, null];
      row(subject.name, of, medianOf(results, "rate"), "img/s", rate);
      row(`${subject.name}: p50`, of, medianOf(results, "p50"), "ms");
      row(`${subject.name}: p99`, of, medianOf(results, "p99"), "ms", p99);
      row(
        `${subject.name}: errors`,
        of,
        results.reduce((sum, { errors }) => sum + errors, 0),
        "",
      );
      row(`${subject.name}: the load tool's share of a core`, of, 100 * medianOf(results, "share"), "%");
    }
    // --- photos, beside human
    const human = await startHuman(home);
    const both = [own, human];
    const photoRounds = new Map(both.map((subject) => [subject, []]));
    for (let round = -1; round < ROUNDS; round++)
      for (const subject of both) {
        const result = await load({
          home,
          url: subject.url,
          bodies: photos,
          amount: round < 0 ? 20 : 200,
          query: subject === own ? "?faces=detect" : "",
        });
        if (round >= 0) photoRounds.get(subject).push(result);
        log(`${subject.name}: ${result.rate.toFixed(1)} photos/s, p99 ${result.p99} ms, ${result.errors} errors`);
      }
    await human.stop();
    for (const subject of both) {
      const of = "photos of 900 x 400 with two faces, 100 clients";
      const results = photoRounds.get(subject);
      const rate =
        subject === own
          ? medianOf(
              results.map((result, i) => ({ rate: result.rate / photoRounds.get(human)[i].rate })),
              "rate",
            )
          : null;
      row(subject.name, of, medianOf(results, "rate"), "img/s", rate);
      row(`${subject.name}: p99`, of, medianOf(results, "p99"), "ms");
      row(
        `${subject.name}: errors`,
        of,
        results.reduce((sum, { errors }) => sum + errors, 0),
        "",
      );
    }
    // --- many requests to it alone
    const of = `${REQUESTS.toLocaleString("en")} requests, 100 clients`;
    const before = own.memory();
    const all = await load({ home, url: own.url, bodies: faces, amount: REQUESTS });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    row("@fer/serve", of, all.rate, "img/s");
    row("@fer/serve: p50", of, all.p50, "ms");
    row("@fer/serve: p99", of, all.p99, "ms");
    row("@fer/serve: errors", of, all.errors, "");
    row("@fer/serve: resident memory before", of, before, "MB");
    row("@fer/serve: resident memory after", of, own.memory(), "MB");
    row("autocannon: share of a core", of, 100 * all.share, "%");
    log(`${of}: ${all.errors} errors, p50 ${all.p50} ms, p99 ${all.p99} ms, ${before} -> ${own.memory()} MB`);
    // --- idle connections
    const kept = await keptAlive(own, 10_000);
    row(
      "@fer/serve: answered on keep-alive connections that were all open",
      `${kept.open.toLocaleString("en")} connections`,
      kept.answered,
      "",
    );
    row("@fer/serve: resident memory with them", `${kept.open.toLocaleString("en")} connections`, kept.memory, "MB");
    log(`${kept.open} connections: ${kept.answered} answered, ${kept.memory} MB`);
  } finally {
    await own.stop();
  }
  // --- malformed requests
  const report = join(folder, "fuzz.json");
  execFileSync("npx", ["vitest", "run", "packages/fer-serve/test/fuzz.test.ts"], {
    cwd: root,
    env: { ...process.env, FER_FUZZ: "10000", FER_FUZZ_REPORT: report },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { requests, counts, failed } = JSON.parse(readFileSync(report, "utf8"));
  for (const [status, count] of Object.entries(counts))
    row(`@fer/serve: ${status}`, `${requests.toLocaleString("en")} malformed requests`, count, "");
  row("@fer/serve: 5xx", `${requests.toLocaleString("en")} malformed requests`, failed.length, "");
  return rows;
}

async function cropOf(file) {
  const data = await prepareImage(file, { size: 48, channels: 1, fit: "stretch" });
  return encodePng({ width: 48, height: 48, channels: 1, data });
}

async function photoOf(two) {
  const into = { width: 900, height: 400, channels: 1, data: new Uint8Array(360_000).fill(120) };
  for (const [i, file] of two.entries()) paste(await readPicture(file), { into, x: 100 + i * 450, y: 70 });
  return encodePng(into);
}

/** A process with the processes it has started: its address, and how to end it. */
function started(name, child, url) {
  const ids = () =>
    execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid), "-p", String(child.pid)], { encoding: "utf8" })
      .trim()
      .split(/\s+/);
  return {
    name,
    url,
    child,
    /** Megabytes. */
    memory: () => Math.round(ids().reduce((sum, id) => sum + residentOf(id), 0) / 1e3),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const residentOf = (id) => {
  const status = existsSync(`/proc/${id}/status`) ? readFileSync(`/proc/${id}/status`, "utf8") : "";
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1.024;
};

async function startOwn(words) {
  const child = spawn(
    process.execPath,
    [
      join(root, "packages/fer-cli/bin/fer.js"),
      "serve",
      model,
      "--port",
      "0",
      "--views",
      "1",
      "--log",
      "warn",
      ...words,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  return started("@fer/serve", child, await said(child.stderr, /listening at (\S+);/));
}

async function startFastApi({ python, onnx, classes, workers, threads }) {
  const port = 20_000 + Math.floor((process.pid % 10_000) + workers * 10 + threads);
  const child = spawn(
    python,
    [
      "-m",
      "uvicorn",
      "--factory",
      "serve_fastapi:app",
      "--port",
      String(port),
      "--workers",
      String(workers),
      "--log-level",
      "warning",
      "--no-access-log",
    ],
    {
      cwd: dirname(here("peers/serve_fastapi.py")),
      env: { ...process.env, MODEL: onnx, CLASSES: classes.join(","), THREADS: String(threads) },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    const isThere = await fetch(`${url}/openapi.json`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) break;
    if (i > 300 || child.exitCode !== null)
      throw new Error("FastAPI does not start: does FER_PYTHON have fastapi, uvicorn, onnxruntime, pillow?");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return started(
    `FastAPI, ${workers} process${workers > 1 ? "es" : ""}, ${threads === 0 ? "onnxruntime's own threads" : "1 thread of onnxruntime"}`,
    child,
    url,
  );
}

async function startHuman(home) {
  const child = spawn(process.execPath, [here("peers/serve_human.mjs"), home], { stdio: ["ignore", "pipe", "ignore"] });
  const port = await said(child.stdout, /^(\d+)$/m);
  return started("Express + human", child, `http://127.0.0.1:${port}`);
}

/** What a stream says by a pattern. */
function said(stream, pattern) {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.on("data", (piece) => {
      text += piece;
      const [, found] = pattern.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    stream.on("end", () => reject(new Error(`it ended: ${text}`)));
  });
}

/** autocannon in a process of its own; rate of answers with 200, latencies in ms, and its share of a core. */
async function load({ home, url, bodies, amount, query = "" }) {
  const child = spawn(process.execPath, [here("peers/serve_load.mjs"), home], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(
    JSON.stringify({
      url: `${url}/v1/predict${query}`,
      bodies: bodies.map((body) => body.toString("base64")),
      amount,
      clients: CLIENTS,
    }),
  );
  let text = "";
  for await (const piece of child.stdout) text += piece;
  return JSON.parse(text);
}

async function farthest({ faces, a, b }) {
  let most = 0;
  for (const body of faces) {
    const [one, other] = await Promise.all(
      [a, b].map(async (url) => {
        const answer = await fetch(`${url}/v1/predict`, {
          method: "POST",
          body,
          headers: { "content-type": "image/png" },
        });
        return (await answer.json()).images[0].faces[0].probabilities;
      }),
    );
    for (const [name, value] of Object.entries(one)) most = Math.max(most, Math.abs(value - other[name]));
  }
  return most;
}

/** Opens so many connections, each of which asks once and stays open; then each asks again. */
async function keptAlive(server, count) {
  const { port } = new URL(server.url);
  const sockets = [];
  let answered = 0;
  const ask = (socket) =>
    new Promise((resolve) => {
      socket.once("data", (piece) => {
        answered += piece.toString().startsWith("HTTP/1.1 200") ? 1 : 0;
        resolve();
      });
      socket.once("close", resolve);
      socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    });
  for (let from = 0; from < count; from += 200) {
    const some = Array.from({ length: Math.min(200, count - from) }, () =>
      connect(Number(port), "127.0.0.1").on("error", () => {}),
    );
    sockets.push(...some);
    await Promise.all(some.map(ask));
  }
  const open = sockets.filter((socket) => !socket.destroyed).length;
  const memory = server.memory();
  answered = 0;
  await Promise.all(sockets.filter((socket) => !socket.destroyed).map(ask));
  for (const socket of sockets) socket.destroy();
  return { open, answered, memory };
}

const medianOf = (results, key) => median(results.map((result) => result[key]));
