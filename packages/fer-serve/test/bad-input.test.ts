/** What a server is sent by mistake or on purpose: each is refused by a status below 500, and the server goes on. */
import { encodePng } from "@fer/dataset-extractors/image";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { anyPng } from "../../dataset-extractors/test/fixtures/any-png.ts";
import { faces, pattern } from "./fixtures/pictures.ts";
import { type Answered, start, type Started } from "./fixtures/start.ts";

let server: Started;
beforeAll(async () => {
  server = await start({ maxBody: 2, maxPixels: 1, maxImages: 4, timeout: 3 });
});
afterEach(async () => {
  const { status } = await server.predict(encodePng(pattern(48)));
  if (status !== 200) throw new Error(`the server does not go on: ${status}`);
});

const JSON_TYPE = { "content-type": "application/json" };
const refusal = ({ status, json }: { status: number; json: Answered }): [number, string] => [status, json.error.code];

/** A PNG of so many pixels, all black, in few bytes. */
const bomb = (edge: number): Buffer =>
  anyPng({ width: edge, height: edge }, { depth: 8, type: 0, lines: Buffer.alloc((edge + 1) * edge) });

/** Sends raw text; all that comes back until the connection ends, or so many milliseconds are over. */
function raw(text: string | Buffer, { within = 5000 } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (piece) => (answer += piece.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    setTimeout(() => socket.destroy(), within).unref();
  });
}

describe("bodies", () => {
  test("no body, an empty one, no picture, a cut-off one", async () => {
    expect(refusal(await server.predict(""))).toEqual([400, "NO_BODY"]);
    expect(refusal(await server.predict("hello"))).toEqual([422, "BAD_IMAGE"]);
    expect(refusal(await server.predict("<!DOCTYPE html><script>alert(1)</script>"))).toEqual([422, "BAD_IMAGE"]);
    expect(refusal(await server.predict(faces(1)[0]!.subarray(0, 5000)))).toEqual([422, "BAD_IMAGE"]);
  });

  test("of a wrong type", async () => {
    for (const type of ["text/plain", "text/uri-list", "application/x-www-form-urlencoded", "video/mp4", "nonsense"])
      expect(refusal(await server.predict("x", { "content-type": type }))).toEqual([415, "UNSUPPORTED_TYPE"]);
  });

  test("a picture that is of another type than it says is looked at: its bytes tell", async () => {
    const { status } = await server.predict(encodePng(pattern(48)), { "content-type": "image/jpeg" });
    expect(status).toBe(200);
  });

  test("longer than the limit, told by its length or not", async () => {
    expect(refusal(await server.predict(Buffer.alloc(2_000_001)))).toEqual([413, "TOO_LARGE"]);
    const chunked = await new Promise<number>((resolve) => {
      const sent = request(
        `${server.url}/v1/predict`,
        { method: "POST", headers: { "content-type": "image/png" } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        },
      );
      sent.on("error", () => undefined);
      for (let i = 0; i < 25; i++) sent.write(Buffer.alloc(100_000));
      sent.end();
    });
    expect(chunked).toBe(413);
  });

  test("a decompression bomb: its header is read, and nothing decoded", async () => {
    const file = bomb(9000);
    expect(file.length).toBeLessThan(100_000);
    const before = performance.now();
    const { status, json } = await server.predict(file);
    expect([status, json.error]).toEqual([
      413,
      { code: "TOO_MANY_PIXELS", message: "9000 x 9000 pixels; the limit of this server is 1 million" },
    ]);
    expect(performance.now() - before).toBeLessThan(2000);
    const lying = encodePng(pattern(16));
    lying.writeUInt32BE(30_000, 16);
    lying.writeUInt32BE(30_000, 20);
    expect((await server.predict(lying)).status).toBe(422);
  });

  test("JSON that is none, is another, holds addresses, or too many pictures", async () => {
    const json = async (value: unknown): Promise<[number, string]> =>
      refusal(await server.predict(typeof value === "string" ? value : JSON.stringify(value), JSON_TYPE));
    expect(await json("{")).toEqual([400, "BAD_JSON"]);
    expect(await json([])).toEqual([400, "BAD_BODY"]);
    expect(await json({ images: [] })).toEqual([400, "BAD_BODY"]);
    expect(await json({ images: ["AAAA"], path: "/etc/passwd" })).toEqual([400, "BAD_BODY"]);
    expect(await json({ images: ["../../etc/passwd"] })).toEqual([400, "BAD_BASE64"]);
    expect(await json({ images: ["AAAAA"] })).toEqual([400, "BAD_BASE64"]);
    for (const address of [
      "http://169.254.169.254/latest",
      "https://example.org/a.jpg",
      "file:///etc/passwd",
      "ftp://x/y",
    ])
      expect(await json({ images: [address] })).toEqual([422, "URL_REFUSED"]);
    expect(await json({ url: "http://127.0.0.1/" })).toEqual([422, "URL_REFUSED"]);
    expect(await json({ images: Array.from({ length: 5 }, () => "AAAA") })).toEqual([413, "TOO_MANY_IMAGES"]);
    expect(await json('{"__proto__": {"images": ["AAAA"]}, "images": ["AAAA"]}')).toEqual([400, "BAD_BODY"]);
  });

  test("forms that are malformed, cut off, hold text, nothing, or too many pictures; names are not looked at", async () => {
    const form = async (
      parts: [name: string, value: string | Blob, file?: string][],
    ): Promise<{ status: number; json: Answered }> => {
      const data = new FormData();
      for (const [name, value, file] of parts) data.append(name, value as Blob, ...(file === undefined ? [] : [file]));
      return server.predict(data, {});
    };
    const face = new Blob([encodePng(pattern(48))]);
    expect(refusal(await form([["text", "hello"]]))).toEqual([400, "NOT_A_FILE"]);
    expect(
      refusal(
        await form([
          ["a", face, "a.png"],
          ["faces", "crop"],
        ]),
      ),
    ).toEqual([400, "NOT_A_FILE"]);
    expect(refusal(await form(Array.from({ length: 5 }, () => ["a", face, "a.png"])))).toEqual([
      413,
      "TOO_MANY_IMAGES",
    ]);
    const odd = { "content-type": "multipart/form-data" };
    expect(refusal(await server.predict("x", odd))).toEqual([400, "BAD_FORM"]);
    const bounded = { "content-type": "multipart/form-data; boundary=b" };
    expect(refusal(await server.predict("--b\r\nno header", bounded))).toEqual([400, "BAD_FORM"]);
    expect(refusal(await server.predict("--b--\r\n", bounded))).toEqual([400, "NO_FILE"]);
    const { status } = await form([["../../x", face, "../../../etc/passwd\u0000<script>.png"]]);
    expect(status).toBe(200);
  });

  test("a query that is not known", async () => {
    const picture = encodePng(pattern(48));
    expect(refusal(await server.predict(picture, undefined, "?faces=all"))).toEqual([400, "BAD_QUERY"]);
    expect(refusal(await server.predict(picture, undefined, "?model=/etc/passwd"))).toEqual([400, "BAD_QUERY"]);
  });
});

describe("clients", () => {
  test("100 at once", async () => {
    const picture = encodePng(pattern(48));
    const answers = await Promise.all(Array.from({ length: 100 }, () => server.predict(picture)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  });

  test("one that is gone before the end of its request, or before its answer", async () => {
    const body = faces(1)[0]!;
    const head = `POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (let i = 0; i < 20; i++) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(Buffer.concat([Buffer.from(head), i % 2 === 0 ? body : body.subarray(0, 1000)]));
      await wait(i);
      socket.destroy();
    }
    await wait(200);
    const text = await (await server.ask("/metrics")).text();
    expect(text).toMatch(/^fer_requests_under_way 0$/m);
    expect(server.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  test("one that sends its head, or its body, drop by drop is let go", { timeout: 30_000 }, async () => {
    const head = await raw("POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", { within: 15_000 });
    expect(head).toMatch(/^HTTP\/1.1 408/);
    const body = await raw(
      "POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc",
      {
        within: 15_000,
      },
    );
    expect(body).toMatch(/^HTTP\/1.1 (408|503)/);
  });

  test("one that speaks no HTTP, or HTTP of two meanings", async () => {
    for (const text of [
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      "POST /v1/predict HTTP/9.9\r\n\r\n",
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
    ])
      expect(await raw(text)).toMatch(/^HTTP\/1.1 4\d\d/);
    const smuggled =
      "POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(await raw(smuggled)).toMatch(/^HTTP\/1.1 400/);
  });
});

describe("callers", () => {
  const ask = (headers: Record<string, string>): Promise<string> =>
    raw(
      `GET /healthz HTTP/1.1\r\nConnection: close\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n`,
    );

  test("by another name (DNS rebinding) are refused, by the own ones not", async () => {
    for (const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example:80",
      "[::2]",
      "a b",
      "127.0.0.1@evil",
    ])
      expect(await ask({ Host: host })).toMatch(/^HTTP\/1.1 (403|400)/);
    for (const host of ["127.0.0.1", `localhost:${server.port}`, "LOCALHOST", "[::1]:80"])
      expect(await ask({ Host: host })).toMatch(/^HTTP\/1.1 200/);
  });

  test("from a page of another origin are refused, from the own one not", async () => {
    const Host = `127.0.0.1:${server.port}`;
    for (const Origin of [
      "https://evil.example",
      "null",
      "file://",
      `http://127.0.0.1:1`,
      "http://localhost.evil.example",
    ])
      expect(await ask({ Host, Origin })).toMatch(/^HTTP\/1.1 403/);
    expect(await ask({ Host, "Sec-Fetch-Site": "cross-site" })).toMatch(/^HTTP\/1.1 403/);
    expect(await ask({ Host, Origin: `http://${Host}` })).toMatch(/^HTTP\/1.1 200/);
    expect(await ask({ Host, "Sec-Fetch-Site": "none" })).toMatch(/^HTTP\/1.1 200/);
  });

  test("a cross-site post is refused before its body is read", async () => {
    const posted = await raw(
      `POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: https://evil.example\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n\r\n`,
      { within: 1000 },
    );
    expect(posted).toMatch(/^HTTP\/1.1 403/);
  });
});
