/** A server that is told to stop answers what it has accepted; several processes are one server. */
import { encodePng } from "@fer/dataset-extractors/image";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { pattern, photo } from "./fixtures/pictures.ts";
import { start } from "./fixtures/start.ts";

test(
  "close answers what was accepted, refuses what is new, and lets idle and dripping connections go",
  { timeout: 120_000 },
  async () => {
    const server = await start({ grace: 60 });
    const idle = connect(server.port, "127.0.0.1");
    const dripping = connect(server.port, "127.0.0.1", () => void dripping.write("POST /v1/pre"));
    for (const socket of [idle, dripping]) socket.on("error", () => undefined);
    const body = await photo();
    const accepted = Array.from({ length: 4 }, () => server.predict(body));
    // One whose body is still on its way.
    const late = new Promise<number>((resolve, reject) => {
      const sent = request(
        `${server.url}/v1/predict`,
        { method: "POST", headers: { "content-type": "image/png", "content-length": body.length } },
        (answer) => resolve(answer.resume().statusCode!),
      );
      sent.on("error", reject);
      sent.write(body.subarray(0, 1000));
      setTimeout(() => sent.end(body.subarray(1000)), 300);
    });
    await expect
      .poll(async () => /^fer_requests_under_way (\d+)$/m.exec(await (await server.ask("/metrics")).text())?.[1])
      .toBe("5");
    const closed = server.close();
    await expect(server.ask("/healthz")).rejects.toThrow("fetch failed");
    for (const { status, json } of await Promise.all(accepted))
      expect([status, json.images[0]!.faces.length]).toEqual([200, 2]);
    expect(await late).toBe(200);
    expect(await closed).toBe(true);
    expect(await server.closed).toBe(true);
  },
);

test("close gives up after the grace, and says so", async () => {
  const server = await start({ grace: 0.2 });
  const head = "POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n";
  const socket = connect(server.port, "127.0.0.1", () => void socket.write(head));
  socket.on("error", () => undefined);
  await expect
    .poll(async () => /^fer_requests_under_way (\d+)$/m.exec(await (await server.ask("/metrics")).text())?.[1])
    .toBe("1");
  expect(await server.close()).toBe(false);
});

describe("several processes", () => {
  test("share a port, tell their figures together, are replaced, and stop together", { timeout: 120_000 }, async () => {
    const server = await start({ workers: 2 });
    const body = encodePng(pattern(48));
    // A connection each: the processes take turns.
    const ask = async (): Promise<number> =>
      (await server.predict(body, { "content-type": "image/png", connection: "close" })).status;
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array.from({ length: 20 }, () => 200));
    const text = await (await server.ask("/metrics")).text();
    expect(text).toMatch(/^fer_requests_total\{route="\/v1\/predict",status="200"\} 20$/m);
    const pids = new Set(server.lines.map((line) => JSON.parse(line).pid as number));
    expect(pids.size).toBe(2);
    // All of them at once: those that follow listen at the same port.
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await expect
      .poll(
        () =>
          new Set(server.lines.filter((line) => line.includes("listening")).map((line) => JSON.parse(line).pid)).size,
        { timeout: 60_000 },
      )
      .toBe(4);
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await server.close()).toBe(true);
    await wait(50);
    await expect(server.ask("/healthz")).rejects.toThrow("fetch failed");
  });
});
