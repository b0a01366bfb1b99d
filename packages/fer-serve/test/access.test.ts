/** Keys, addresses, and what starts a server or does not. */
import { encodePng } from "@fer/dataset-extractors/image";
import { serve } from "@fer/serve";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Access, keyOf } from "../dist/http/access.js";
import { pattern, WEIGHTS } from "./fixtures/pictures.ts";
import { start } from "./fixtures/start.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const folder = mkdtempSync(join(tmpdir(), "fer-key-"));
const keyFile = join(folder, "key");
writeFileSync(keyFile, `${KEY}\nsecond line\n`);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "it did not fail",
    (error: Error) => error.message.replaceAll(folder, "<folder>"),
  );

describe("the key", () => {
  test("comes from a file or the environment, and is needed where others can reach the address", async () => {
    expect(await keyOf({ host: "127.0.0.1" })).toBeNull();
    expect(await keyOf({ host: "::1" })).toBeNull();
    expect(await keyOf({ host: "0.0.0.0", keyFile })).toBe(KEY);
    expect(await message(keyOf({ host: "0.0.0.0" }))).toMatchInlineSnapshot(
      `"host: 0.0.0.0, which others can reach, and no key. Expected a key, or a loopback address. Set FER_SERVE_KEY or a key file, such as one that openssl rand -hex 32 wrote."`,
    );
    vi.stubEnv("FER_SERVE_KEY", KEY);
    expect(await keyOf({ host: "192.168.1.2" })).toBe(KEY);
    expect(await message(keyOf({ host: "127.0.0.1", keyFile }))).toMatchInlineSnapshot(
      `"keyFile: a file and the variable FER_SERVE_KEY. Expected one of the two."`,
    );
  });

  test("is no word that can be guessed, and its file is there", async () => {
    vi.stubEnv("FER_SERVE_KEY", "secret");
    expect(await message(keyOf({ host: "127.0.0.1" }))).toMatchInlineSnapshot(
      `"FER_SERVE_KEY: a key of 6 characters. Expected at least 16 letters, digits and signs of ASCII, without spaces."`,
    );
    vi.stubEnv("FER_SERVE_KEY", "");
    expect(await message(keyOf({ host: "127.0.0.1" }))).toMatchInlineSnapshot(
      `"FER_SERVE_KEY: a key of 0 characters. Expected at least 16 letters, digits and signs of ASCII, without spaces."`,
    );
    vi.unstubAllEnvs();
    expect(await message(keyOf({ host: "127.0.0.1", keyFile: join(folder, "none") }))).toMatchInlineSnapshot(
      `"keyFile: <folder>/none cannot be read (ENOENT). Expected a file with a key in its first line."`,
    );
  });

  test("is asked for by what shows pictures or figures, and by no probe", async () => {
    const server = await start({ keyFile });
    const picture = encodePng(pattern(48));
    const status = async (route: string, key?: string): Promise<number> => {
      const headers: Record<string, string> = key === undefined ? {} : { authorization: key };
      const isPost = route === "/v1/predict";
      const answer = await server.ask(route, {
        headers: isPost ? { ...headers, "content-type": "image/png" } : headers,
        ...(isPost ? { method: "POST", body: picture } : {}),
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    for (const route of ["/v1/predict", "/v1/model", "/metrics"]) {
      expect(await status(route)).toBe(401);
      for (const wrong of ["Bearer", "Bearer ", `Bearer ${KEY}x`, `Bearer ${KEY.slice(1)}`, `Basic ${KEY}`, KEY])
        expect(await status(route, wrong)).toBe(401);
      expect(await status(route, `Bearer ${KEY}`)).toBe(200);
      expect(await status(route, `bearer ${KEY}`)).toBe(200);
    }
    for (const route of ["/healthz", "/readyz", "/docs", "/openapi.json"]) expect(await status(route)).toBe(200);
    expect(server.lines.join("")).not.toContain(KEY);
  });
});

test("a page of a named origin may ask, and is told so before it does", async () => {
  const origin = "https://app.example";
  const server = await start({ origins: [origin] });
  const before = await server.ask("/v1/predict", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  expect(before.status).toBe(204);
  expect(before.headers.get("access-control-allow-origin")).toBe(origin);
  expect(before.headers.get("access-control-allow-methods")).toBe("POST");
  const { status } = await server.predict(encodePng(pattern(48)), { origin, "content-type": "image/png" });
  expect(status).toBe(200);
  const other = await server.predict(encodePng(pattern(48)), {
    origin: "https://other.example",
    "content-type": "image/png",
  });
  expect([other.status, other.json.error.code]).toEqual([403, "FOREIGN_ORIGIN"]);
});

test("names beside the own ones are those of --hosts; at all addresses, whose callers bear a key, any will do", () => {
  const access = (host: string, hosts: string[]): Access => new Access({ host, hosts, origins: [], key: null });
  const isKnown = (by: Access, host: string): boolean => {
    try {
      by.checkCaller({ host });
      return true;
    } catch {
      return false;
    }
  };
  expect(isKnown(access("127.0.0.1", []), "faces.internal")).toBe(false);
  expect(isKnown(access("127.0.0.1", ["Faces.internal"]), "faces.internal:8080")).toBe(true);
  expect(isKnown(access("0.0.0.0", []), "faces.internal")).toBe(true);
  expect(isKnown(access("0.0.0.0", ["faces.internal"]), "other.internal")).toBe(false);
});

describe("a server does not start", () => {
  test("where its model is none, or options are bad", async () => {
    expect(await message(serve({ model: join(folder, "none"), port: 0 }))).toMatchInlineSnapshot(
      `"<folder>/none: no such file or folder. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first."`,
    );
    expect(await message(serve({ model: WEIGHTS, port: 70_000 }))).toMatchInlineSnapshot(
      `"serve options: port: received 70000. Expected at most 65535."`,
    );
    expect(await message(serve({ model: WEIGHTS, origins: ["https://a.example/path"] }))).toMatchInlineSnapshot(
      `"serve options: origins.0: received "https://a.example/path". Expected an origin, such as https://example.org."`,
    );
  });

  test("where something else listens", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const said = await message(serve({ model: WEIGHTS, port, views: 1, threads: 1 }));
    expect(said.replaceAll(String(port), "<port>")).toMatchInlineSnapshot(
      `"127.0.0.1, port <port>: something else listens there (EADDRINUSE). Expected an address of this machine, and a port that is free and allowed. Choose another port; 0 takes a free one."`,
    );
    other.close();
  });
});
