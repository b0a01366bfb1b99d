import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { downloadImages, fileName } from "../../dist/download/download.js";
import { isPublicAddress } from "../../dist/download/address.js";
import { anyPng } from "../fixtures/any-png.ts";

/** An 8 x 8 grey PNG whose pixels depend on n. */
function png(n: number): Buffer {
  const lines = Buffer.concat(
    Array.from({ length: 8 }, (_, y) => Buffer.from([0, ...Array.from({ length: 8 }, (_, x) => (n + x * y) % 256)])),
  );
  return anyPng({ width: 8, height: 8 }, { depth: 8, type: 0, lines });
}

let server: Server;
let base: string;
let asked: Map<string, number>;
/** Successful answers by path: what must never be given twice. */
let given: Map<string, number>;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url!;
    const times = (asked.get(path) ?? 0) + 1;
    asked.set(path, times);
    const [, kind, n] = /^\/([a-z-]+)\/(\d+)/.exec(path) ?? [];
    const image = () => {
      given.set(path, (given.get(path) ?? 0) + 1);
      response.writeHead(200, { "content-type": "image/png" }).end(png(Number(n)));
    };
    if (kind === "ok") image();
    else if (kind === "slow") setTimeout(image, 20);
    else if (kind === "flaky") void (times === 1 ? response.writeHead(503).end() : image());
    else if (kind === "gone") response.writeHead(404).end();
    else if (kind === "html")
      response.writeHead(200, { "content-type": "image/jpeg" }).end("<!doctype html><p>Not found");
    else if (kind === "half") response.writeHead(200).end(png(Number(n)).subarray(0, 60));
    else if (kind === "huge") response.writeHead(200).end(Buffer.alloc(300_000));
    else if (kind === "dies") request.socket.destroy();
    else if (kind === "hangs") response.writeHead(200).write("x");
    else if (kind === "inward") response.writeHead(302, { location: "http://127.0.0.2/secret.png" }).end();
    else if (kind === "metadata") response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
    else if (kind === "mapped") response.writeHead(302, { location: "http://[::ffff:10.0.0.1]/x.png" }).end();
    else if (kind === "file") response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else if (kind === "round") response.writeHead(302, { location: path }).end();
    else if (kind === "moved") response.writeHead(301, { location: `/ok/${n}/moved.png` }).end();
    else response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve)));

let to: string;
beforeEach(() => {
  to = mkdtempSync(join(tmpdir(), "fer-download-"));
  asked = new Map();
  given = new Map();
});
afterEach(() => rmSync(to, { recursive: true, force: true }));

/** The test server stands for the internet; everything else is judged as usual. */
const allow = (address: string): boolean => address === "127.0.0.1" || isPublicAddress(address);
const quick = { pause: 0, timeout: 300, attempts: 2, maxBytes: 100_000 };
const rows = () =>
  readFileSync(join(to, "downloads.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("downloading images", () => {
  it("gives every URL of a hostile server a fate", async () => {
    const kinds = [
      "ok",
      "flaky",
      "gone",
      "html",
      "half",
      "huge",
      "dies",
      "hangs",
      "inward",
      "metadata",
      "mapped",
      "file",
      "round",
      "moved",
    ];
    const items = kinds.map((kind, i) => ({ url: `${base}/${kind}/${i}/a.png` }));
    const { outcomes, total } = await downloadImages(
      [...items, { url: "not a url" }, { url: "http://nowhere.invalid/x.png" }],
      { to, ...quick, allow },
    );
    expect(outcomes).toEqual({
      ok: 3,
      "http-status": 1,
      "not-an-image": 2,
      "too-large": 1,
      network: 1,
      timeout: 1,
      "private-address": 3,
      "bad-url": 2,
      redirects: 1,
      dns: 1,
    });
    expect(total).toBe(16);
    expect(rows()).toHaveLength(16);
    expect(rows().find((row) => String(row["url"]).includes("/metadata/"))).toMatchObject({
      reason: "private-address",
      detail: "169.254.169.254",
    });
    expect(existsSync(join(to, "0", "a.png"))).toBe(true);
  });

  it("marks images that came from their original address", async () => {
    const { fromOriginal } = await downloadImages([{ url: `${base}/gone/1/a.png`, original: `${base}/ok/1/b.png` }], {
      to,
      ...quick,
      allow,
    });
    expect(fromOriginal).toBe(1);
    expect(rows()).toMatchObject([{ status: "ok", via: "original", file: "1/a.png" }]);
  });

  it("never replaces the image of another address", async () => {
    const items = [{ url: `${base}/ok/1/a.png` }, { url: `${base}/ok/2/1/A.png` }];
    expect((await downloadImages(items, { to, ...quick, allow })).outcomes).toEqual({ ok: 1, "name-taken": 1 });
    expect(rows()[1]).toMatchObject({
      status: "failed",
      reason: "name-taken",
      detail: `1/A.png is the image of ${base}/ok/1/a.png`,
    });
    // nor in a later run
    const later = await downloadImages(items, { to, ...quick, retryFailed: true, allow });
    expect(later.outcomes).toEqual({ already: 1, "name-taken": 1 });
  });

  it("is done by one process at a time", async () => {
    const slow = downloadImages([{ url: `${base}/slow/1/a.png` }], { to, ...quick, allow });
    await expect(downloadImages([], { to, ...quick, allow })).rejects.toThrow("is at work on");
    await slow;
    expect(readdirSync(to).sort()).toEqual(["1", "downloads.jsonl"]);
  });

  it("refuses options it does not know", async () => {
    await expect(downloadImages([], { to, retry: true } as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: download options: unknown option "retry". Expected one of to, concurrency, pause, timeout, maxBytes, attempts, retryFailed.]`,
    );
  });

  it("connects to no private address by default, also not through a name", async () => {
    const { outcomes } = await downloadImages(
      [{ url: `${base}/ok/1/a.png` }, { url: base.replace("127.0.0.1", "localhost") }],
      { to, ...quick },
    );
    expect(outcomes).toEqual({ "private-address": 2 });
    expect(asked.size).toBe(0);
  });

  it("goes on after a crash: cut log row, finished file without its name", async () => {
    await downloadImages([{ url: `${base}/ok/1/a.png` }], { to, ...quick, allow });
    const log = join(to, "downloads.jsonl");
    writeFileSync(join(to, "1", "b.png.part"), png(1));
    const row = { ...rows()[0], url: `${base}/ok/1/b.png`, file: "1/b.png" };
    writeFileSync(log, `${readFileSync(log, "utf8")}${JSON.stringify(row)}\n{"url":"${base}/ok/2/a.png","sta`);
    const items = ["1/a", "1/b", "2/a"].map((name) => ({ url: `${base}/ok/${name}.png` }));
    const { outcomes } = await downloadImages(items, { to, ...quick, allow });
    expect(outcomes).toEqual({ already: 2, ok: 1 });
    expect(asked.has("/ok/1/b.png")).toBe(false);
    expect(existsSync(join(to, "1", "b.png"))).toBe(true);
    expect((await downloadImages(items, { to, ...quick, allow })).outcomes).toEqual({ already: 3 });
  });

  it("asks again for failures only when told to", async () => {
    const items = [{ url: `${base}/gone/1/a.png` }];
    await downloadImages(items, { to, ...quick, allow });
    await downloadImages(items, { to, ...quick, allow });
    expect(asked.get("/gone/1/a.png")).toBe(1);
    await downloadImages(items, { to, ...quick, retryFailed: true, allow });
    expect(asked.get("/gone/1/a.png")).toBe(2);
  });

  it("never has two requests to one host under way, and bounds them all", async () => {
    const { runByHost } = await import("../../dist/download/host-queue.js");
    let now = 0;
    let most = 0;
    const perHost = new Map<string, number>();
    const jobs = Array.from({ length: 60 }, (_, i) => ({
      host: `h${i % 7}`,
      run: async () => {
        const host = `h${i % 7}`;
        expect(perHost.get(host) ?? 0).toBe(0);
        perHost.set(host, 1);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 2));
        now -= 1;
        perHost.set(host, 0);
      },
    }));
    await runByHost(jobs, { concurrency: 4, pause: 0 });
    expect(most).toBe(4);
  });

  it("survives SIGKILL: 1,000 URLs, every one has a fate, no success is repeated", async () => {
    const kinds = ["slow", "ok", "gone", "html", "ok", "inward", "half", "ok", "moved", "slow"];
    const list = join(to, "list.json");
    const items = Array.from({ length: 1000 }, (_, i) => ({ url: `${base}/${kinds[i % 10]}/${i}/a.png` }));
    writeFileSync(list, JSON.stringify(items));
    const images = join(to, "images");
    const script = `
      import { readFileSync } from "node:fs";
      import { downloadImages } from ${JSON.stringify(new URL("../../dist/download/download.js", import.meta.url).href)};
      import { isPublicAddress } from ${JSON.stringify(new URL("../../dist/download/address.js", import.meta.url).href)};
      const items = JSON.parse(readFileSync(${JSON.stringify(list)}, "utf8"));
      await downloadImages(items, { to: ${JSON.stringify(images)}, pause: 0, timeout: 2000, attempts: 2,
        allow: (address) => address === "127.0.0.1" || isPublicAddress(address) });
    `;
    let kills = 0;
    for (;;) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
      const exit = new Promise<number | null>((resolve) => child.on("exit", resolve));
      const timer = kills < 5 ? setTimeout(() => child.kill("SIGKILL"), 700 + kills * 150) : undefined;
      const status = await exit;
      clearTimeout(timer);
      if (status === 0) break;
      kills += 1;
    }
    const log = readFileSync(join(images, "downloads.jsonl"), "utf8")
      .split("\n")
      .flatMap((line) =>
        line.endsWith("}") ? [JSON.parse(line) as { url: string; status: string; file: string | null }] : [],
      );
    expect(kills).toBeGreaterThan(0);
    expect(new Set(log.map(({ url }) => url)).size).toBe(1000);
    expect(log.filter(({ status }) => status === "ok")).toHaveLength(600);
    expect(log.filter(({ status, file }) => status === "ok" && !existsSync(join(images, file!)))).toEqual([]);
    // one request may be under way when the process is killed: its answer was given, but never arrived
    expect([...given.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(kills);
  });

  /** `FER_RACES=20` tries twenty pairs (two when left out), also in two pid namespaces where the system has them. */
  it(
    "is done by one process at a time, whoever comes first, and in two containers too",
    { timeout: 600_000 },
    async () => {
      const rounds = Number(process.env["FER_RACES"] ?? 2);
      const containers = spawnSync("unshare", ["-pfm", "--mount-proc", "true"]).status === 0 ? [false, true] : [false];
      const ends = { done: 0, held: 0 };
      for (const [container, round] of containers.flatMap((inside) =>
        Array.from({ length: rounds }, (_, n) => [inside, n] as const),
      )) {
        const images = join(to, `${container} ${round}`);
        const script = `
        import { downloadImages } from ${JSON.stringify(new URL("../../dist/download/download.js", import.meta.url).href)};
        const items = Array.from({ length: 20 }, (_, n) => ({ url: \`${base}/slow/\${n}/${container}-${round}.png\` }));
        await downloadImages(items, { to: ${JSON.stringify(images)}, pause: 0, allow: () => true });`;
        const downloading = (): Promise<{ code: number | null; stderr: string }> => {
          const words = [...(container ? ["unshare", "-pfm", "--mount-proc"] : []), process.execPath];
          const child = spawn(words[0]!, [...words.slice(1), "--input-type=module", "-e", script]);
          let stderr = "";
          child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
          return new Promise((resolve) => void child.once("close", (code) => resolve({ code, stderr })));
        };
        for (const { code, stderr } of await Promise.all([
          downloading(),
          sleep((round * 97) % 400).then(downloading),
        ])) {
          const isHeld = /process \d+ on \S+ is at work on/.test(stderr);
          expect({ code, isHeld }).toEqual({ code: isHeld ? 1 : 0, isHeld });
          ends[isHeld ? "held" : "done"]++;
        }
        const log = readFileSync(join(images, "downloads.jsonl"), "utf8").trim().split("\n");
        expect(log.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual(Array(20).fill("ok"));
        expect(readdirSync(images).sort()).toEqual(
          [...Array.from({ length: 20 }, (_, n) => String(n)), "downloads.jsonl"].sort(),
        );
      }
      expect(ends.done).toBeGreaterThanOrEqual(rounds * containers.length);
      expect([...given.values()].every((times) => times === 1)).toBe(true);
      const report = process.env["FER_RACES_REPORT"];
      if (report !== undefined)
        appendFileSync(
          report,
          `fer download: ${rounds * containers.length} rounds, ${ends.held} told who holds it, ${ends.done - rounds * containers.length} came after; nothing was asked for twice\n`,
        );
    },
  );
});

describe("addresses", () => {
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "localhost",
    // IPv4 within IPv6, in every spelling
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "0:0:0:0:0:ffff:0a00:0001",
    "::ffff:0:10.0.0.1",
    "::ffff:0:8.8.8.8",
    "64:ff9b::10.0.0.1",
    "64:ff9b:0:0:0:0:10.0.0.1",
    "64:ff9b:1::1",
    "64:ff9b:1:0808:0:0808::",
    "2002:0808:0808::1",
    "2001::1",
    "2001:0:53aa:64c:0:fffe:f5ff:fffe",
    // set aside
    "fec0::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "100::1",
    "100:0:0:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "ff02::1",
    "fe80::1%eth0",
    "192.0.0.8",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "255.255.255.255",
    // read as different addresses by different programs
    "1",
    "2130706433",
    "0x7f.1",
    "010.0.0.1",
    "8.8.8",
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    "93.184.216.34",
    "8.8.8.8",
    "172.32.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
  ])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));
});

describe("file names", () => {
  it("are the last two components, and never leave the folder", () => {
    expect(fileName("http://server/a/N_0000000001/N_0000000001_00039.jpg?x=1")).toBe(
      "N_0000000001/N_0000000001_00039.jpg",
    );
    expect(fileName("http://server/../../etc/passwd")).toBe("etc/passwd");
    expect(fileName("http://server/a/..%2f..%2fx.jpg")).toBe("a/.._2f.._2fx.jpg");
    expect(fileName("http://server/")).toBe("image");
  });
});
