/**
 * Malformed requests from a seed: heads, bodies, forms and JSON of which pieces were cut, doubled, swapped or overwritten.
 * None is answered by 5xx, none ends the server. FER_FUZZ is their number (default 400; `bench/serve.mjs` sends 10,000),
 * FER_FUZZ_REPORT a file for what was answered.
 */
import { keyedRandom, type Random } from "@fer/core";
import { encodePng } from "@fer/dataset-extractors/image";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { faces, pattern } from "./fixtures/pictures.ts";
import { start, type Started } from "./fixtures/start.ts";

const COUNT = Number(process.env["FER_FUZZ"] ?? 400);
/** Connections at once. */
const AT_ONCE = 8;

/** Milliseconds that an answer is waited for. */
const PATIENCE = 1500;

let server: Started;
beforeAll(async () => {
  server = await start({ maxBody: 1, timeout: 20 });
});

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const small = encodePng(pattern(32));
const large = faces(1)[0]!;

const ROUTES = [
  "/v1/predict",
  "/v1/predict?faces=crop",
  "/v1/predict?faces=%00",
  "/../..",
  "/v1/model",
  "/metrics",
  "//",
  "/%ff",
  "*",
  "http://evil/",
  "/v1/predict?faces=crop&faces=crop",
];
const TYPES = [
  "image/png",
  "image/*",
  "application/octet-stream",
  "application/json",
  "multipart/form-data; boundary=xYz",
  "multipart/form-data; boundary=",
  "application/json; charset=utf-16",
  "text/html",
  ";",
  "",
];
/** The type of each kind of body. */
const FITTING = [
  "image/png",
  "application/json",
  "multipart/form-data; boundary=xYz",
  "application/octet-stream",
  "application/json",
];
const EXTRA = [
  "Transfer-Encoding: chunked",
  "Content-Length: -1",
  "Content-Length: 99999999999",
  "Expect: 100-continue",
  "Host: evil",
  "Content-Encoding: gzip",
  "Connection: upgrade\r\nUpgrade: websocket",
  "Authorization: Bearer x",
  "Origin: null",
  "X: \u0001",
  "Accept: */*",
  "Range: bytes=0-",
];

function bodyOf(random: Random, kind: number): Buffer {
  const picture = random() < 0.8 ? small : large;
  if (kind === 0) return picture;
  if (kind === 1) return Buffer.from(JSON.stringify({ images: [picture.toString("base64")] }));
  if (kind === 2) {
    const part = 'Content-Disposition: form-data; name="a"; filename="b.png"\r\nContent-Type: image/png\r\n\r\n';
    return Buffer.concat([Buffer.from(`--xYz\r\n${part}`), picture, Buffer.from("\r\n--xYz--\r\n")]);
  }
  if (kind === 3)
    return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
  return Buffer.from('{"images":'.repeat(1 + Math.floor(random() * 2000)));
}

/** Some of its bytes are cut out, doubled, overwritten or flipped. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let out = Buffer.from(bytes);
  for (let times = Math.floor(random() * 4); times > 0 && out.length > 0; times--) {
    const at = Math.floor(random() * out.length);
    const until = Math.min(out.length, at + 1 + Math.floor(random() * 40));
    const how = Math.floor(random() * 4);
    if (how === 0) out = Buffer.concat([out.subarray(0, at), out.subarray(until)]);
    if (how === 1) out = Buffer.concat([out.subarray(0, until), out.subarray(at)]);
    if (how === 2) out.fill(Math.floor(random() * 256), at, until);
    if (how === 3) out[at]! ^= 1 << Math.floor(random() * 8);
  }
  return out;
}

function requestOf(random: Random): Buffer {
  const kind = Math.floor(random() * FITTING.length);
  const body = damaged(bodyOf(random, kind), random);
  const length = random() < 0.85 ? body.length : Math.floor(random() * 2 * body.length);
  const head = [
    `${pick(random, ["POST", "POST", "POST", "POST", "GET", "PUT", "OPTIONS", "DELETE", "BREW"])} ${random() < 0.7 ? ROUTES[0] : pick(random, ROUTES)} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Content-Type: ${random() < 0.6 ? FITTING[kind] : pick(random, TYPES)}`,
    ...(random() < 0.95 ? [`Content-Length: ${length}`] : []),
    ...(random() < 0.2 ? [pick(random, EXTRA)] : []),
    "Connection: close",
    "",
    "",
  ].join("\r\n");
  const whole = Buffer.from(head, "latin1");
  return Buffer.concat([random() < 0.15 ? damaged(whole, random) : whole, body]);
}

/** Status of the answer; `null` where the connection ended without one. */
function send(bytes: Buffer): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1");
    let answer = "";
    socket.on("connect", () => socket.write(bytes));
    // One that is still waited for is given up by its client.
    setTimeout(() => socket.end(), PATIENCE);
    socket.on("data", (piece) => (answer += piece.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0) || null));
  });
}

test(`${COUNT} malformed requests: no 5xx, no crash`, { timeout: 60_000 + COUNT * 200 }, async () => {
  const counts: Record<string, number> = {};
  const failed: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < COUNT) {
      const seed = next++;
      const bytes = requestOf(keyedRandom(1, "fuzz", seed));
      const status = await send(bytes);
      counts[status ?? "none"] = (counts[status ?? "none"] ?? 0) + 1;
      if (status !== null && status >= 500) failed.push(`seed ${seed}: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (process.env["FER_FUZZ_REPORT"] !== undefined)
    writeFileSync(process.env["FER_FUZZ_REPORT"], JSON.stringify({ requests: COUNT, counts, failed }));
  expect(failed).toEqual([]);
  expect(counts["200"]).toBeGreaterThan(COUNT / 50);
  expect((counts["400"] ?? 0) + (counts["422"] ?? 0) + (counts["415"] ?? 0)).toBeGreaterThan(COUNT / 4);
  expect((await server.predict(small)).status).toBe(200);
  expect(server.lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
