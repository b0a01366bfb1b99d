/** Who is let in, what stays inside, what is answered to bad requests. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { view, type Viewer } from "@fer/view";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../../fer-model/test/tiny-set.ts";
import { makeBundle } from "./fixtures/bundle.ts";

const HOSTILE = "<script>hacked = 1</script>";
const folder = mkdtempSync(join(tmpdir(), "fer-view-"));
const shown = join(folder, "shown");
const secret = join(folder, "secret");
let viewer: Viewer;

beforeAll(async () => {
  makeBundle();
  (await tinySet(join(shown, "features"))).close();
  (await tinySet(join(secret, "features"), { name: "hidden" })).close();
  mkdirSync(join(secret, "run"));
  writeFileSync(join(secret, "run/config.json"), "{}");
  writeFileSync(join(secret, "run/manifest.json"), "{}");
  symlinkSync(join(secret, "run"), join(shown, "linked-run"));
  symlinkSync(join(secret, "features"), join(shown, "linked"));
  mkdirSync(join(shown, "inner"));
  symlinkSync(join(secret, "run/config.json"), join(shown, "inner/config.json"));
  writeFileSync(join(shown, "inner/manifest.json"), "{}");
  mkdirSync(join(shown, HOSTILE.replaceAll("/", "-")));
  writeFileSync(join(shown, HOSTILE.replaceAll("/", "-"), "dataset.json"), "not JSON");
  viewer = await view({ folder: shown });
});
afterAll(async () => {
  await viewer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Status and JSON of a request with these headers, which `fetch` does not let one choose. */
function ask(
  route: string,
  { headers = {}, method = "GET", body }: { headers?: Record<string, string>; method?: string; body?: string } = {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(route, viewer.url), { method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode!, text, headers: answer.headers }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const codeOf = ({ text }: { text: string }): string => (JSON.parse(text) as { error: { code: string } }).error.code;

describe("is let in", () => {
  test("who has the word in the address, and nobody else", async () => {
    const { origin, pathname } = new URL(viewer.url);
    expect(pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
    for (const path of ["/", "/api/index", "/style.css", `${pathname.slice(0, -2)}/`, `${pathname.toUpperCase()}x`]) {
      const answer = await ask(`${origin}${path}`);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, "NO_TOKEN"]);
    }
    const page = await ask("");
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(page.headers["referrer-policy"]).toBe("no-referrer");
    const without = await ask(`${origin}${pathname.slice(0, -1)}`);
    expect([without.status, without.headers["location"]]).toEqual([302, pathname]);
    expect(
      await view({ folder: shown }).then(async (other) => [other.url === viewer.url, await other.close()]),
    ).toEqual([false, true]);
  });

  test("no page of another origin, and no name that was pointed here", async () => {
    const own = new URL(viewer.url).host;
    const refused = async (headers: Record<string, string>) => {
      const answer = await ask("api/index", { headers });
      return [answer.status, answer.status === 403 ? codeOf(answer) : ""];
    };
    expect(await refused({ host: "evil.example" })).toEqual([403, "FOREIGN_HOST"]);
    expect(await refused({ host: `evil.example:${viewer.port}` })).toEqual([403, "FOREIGN_HOST"]);
    expect(await refused({ origin: "https://evil.example" })).toEqual([403, "FOREIGN_ORIGIN"]);
    expect(await refused({ origin: "null" })).toEqual([403, "FOREIGN_ORIGIN"]);
    expect(await refused({ "sec-fetch-site": "cross-site" })).toEqual([403, "FOREIGN_ORIGIN"]);
    expect(await refused({ origin: `http://${own}` })).toEqual([200, ""]);
    expect(await refused({ host: `localhost:${viewer.port}` })).toEqual([200, ""]);
  });
});

describe("stays inside the folder", () => {
  test.each(["../secret", "..", "/etc", "features/../../secret/run", "a\0b", String.raw`..\secret`])(
    "refuses %j",
    async (path) => {
      const answer = await ask(`api/run?path=${encodeURIComponent(path)}`);
      expect([answer.status, codeOf(answer)]).toEqual([400, "BAD_PATH"]);
    },
  );

  test("refuses links that lead out, whether they are asked for or met", async () => {
    const status = async (path: string) => {
      const answer = await ask(`api/run?path=${encodeURIComponent(path)}`);
      return [answer.status, codeOf(answer)];
    };
    expect(await status("linked-run")).toEqual([403, "LINK_OUT"]);
    expect(await status("inner")).toEqual([403, "LINK_OUT"]);
    const { entries } = JSON.parse((await ask("api/index")).text) as { entries: { path: string; state: string }[] };
    expect(entries.map(({ path, state }) => [path, state])).toEqual([
      [HOSTILE.replaceAll("/", "-"), "unreadable"],
      ["features/tiny", "finished"],
    ]);
  });
});

describe("bad requests", () => {
  test.each([
    ["api/run", 400],
    ["api/run?path=", 400],
    ["api/run?path=nothing", 404],
    ["api/run?path=a&path=b", 400],
    [`api/live?${"path=a&".repeat(13)}`, 400],
    ["api/nothing", 404],
    [`api/dataset?path=${encodeURIComponent(HOSTILE.replaceAll("/", "-"))}`, 422],
    ["page.js/../../../etc/passwd", 401],
    ["%2e%2e/%2e%2e/etc/passwd", 401],
    ["style.css%00", 404],
  ])("GET %s is %i", async (route, status) => {
    const answer = await ask(route);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(folder);
  });

  test("of other methods and types are refused", async () => {
    expect((await ask("api/index", { method: "DELETE" })).status).toBe(404);
    expect((await ask("api/index", { method: "POST", body: "x" })).status).toBe(404);
  });

  test("a client that sends nothing, and one that is gone, keep nobody waiting", async () => {
    const gone = request(new URL("api/live", viewer.url));
    gone.on("error", () => undefined);
    gone.end();
    await new Promise((resolve) => gone.once("response", resolve));
    gone.destroy();
    expect((await ask("api/index")).status).toBe(200);
    const other = await view({ folder: shown });
    const open = request(new URL("api/live", other.url));
    open.on("error", () => undefined);
    open.end();
    await new Promise((resolve) => open.once("response", resolve));
    expect(await other.close()).toBe(true);
    expect(await other.closed).toBe(true);
  });
});

describe("does not start", () => {
  const message = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "it did not fail",
      (error: Error) => error.message.replaceAll(folder, "<folder>"),
    );

  test("where there is no folder, or something else listens", async () => {
    expect(await message(view({ folder: join(folder, "none") }))).toMatchInlineSnapshot(
      `"<folder>/none: no such folder. Expected a folder with datasets, sets or runs. Name another one."`,
    );
    expect(await message(view({ folder: join(shown, "features/tiny.json") }))).toMatchInlineSnapshot(
      `"<folder>/shown/features/tiny.json: it is a file. Expected a folder with datasets, sets or runs. Name the folder that it lies in."`,
    );
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
    );
    expect((await message(view({ folder: shown, port }))).replace(String(port), "<port>")).toMatchInlineSnapshot(
      `"127.0.0.1, port <port>: something else listens there (EADDRINUSE). Expected an address of this machine, and a port that is free and allowed. Choose another port; 0 takes a free one."`,
    );
    other.close();
  });
});
