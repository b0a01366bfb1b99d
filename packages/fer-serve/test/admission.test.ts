/** What is beyond the limits is sent away at once, and told when to come again. */
import { encodePng } from "@fer/dataset-extractors/image";
import { expect, test } from "vitest";
import { Admission } from "../dist/http/admission.js";
import { pattern, photo } from "./fixtures/pictures.ts";
import { start } from "./fixtures/start.ts";

const refused = (enter: () => unknown): [status: number, code: string] => {
  try {
    enter();
  } catch (error) {
    const { statusCode, problem } = error as { statusCode: number; problem: { code: string } };
    return [statusCode, problem.code];
  }
  throw new Error("it was taken in");
};

test("so many requests and so many bytes are under way; a place is given back once", () => {
  const reasons: string[] = [];
  const admission = new Admission({
    maxQueue: 3,
    maxMemory: 5,
    maxBody: 4,
    onRejected: (reason) => reasons.push(reason),
  });
  const leave = admission.enter(1e6);
  admission.enter(1e6);
  expect(refused(() => admission.enter(4_000_001))).toEqual([413, "TOO_LARGE"]);
  // One whose length is not known may be the longest.
  expect(refused(() => admission.enter(undefined))).toEqual([429, "BUSY"]);
  admission.enter(3e6);
  expect(refused(() => admission.enter(0))).toEqual([429, "BUSY"]);
  expect(reasons).toEqual(["memory", "queue"]);
  leave();
  leave();
  expect(admission.requests).toBe(2);
});

test("a server with a full queue answers 429 with Retry-After, and all that it took in by 200", async () => {
  const server = await start({ maxQueue: 4 });
  const slow = await photo();
  const ask = () =>
    server.ask("/v1/predict?faces=detect", { method: "POST", body: slow, headers: { "content-type": "image/png" } });
  const answers = await Promise.all(Array.from({ length: 24 }, ask));
  const counts = { 200: 0, 429: 0 };
  const waits: number[] = [];
  for (const answer of answers) {
    counts[answer.status as 200] += 1;
    waits.push(answer.status === 429 ? Number(answer.headers.get("retry-after")) : 1);
    await answer.arrayBuffer();
  }
  expect(counts[200]).toBeGreaterThanOrEqual(4);
  expect(counts[429]).toBeGreaterThan(0);
  expect(counts[200] + counts[429]).toBe(24);
  expect(Math.min(...waits)).toBeGreaterThan(0);
  const { status } = await server.predict(encodePng(pattern(48)));
  expect(status).toBe(200);
});

test(
  "what takes longer than the limit is given up, its thread replaced, and the server goes on",
  { timeout: 60_000 },
  async () => {
    const server = await start({ timeout: 0.3, maxPixels: 100 });
    const large = encodePng(pattern(6000));
    const { status, json } = await server.predict(large, undefined, "?faces=detect");
    expect([status, json.error.code]).toEqual([503, "TOO_SLOW"]);
    await expect
      .poll(async () => (await server.predict(encodePng(pattern(48)))).status, { timeout: 30_000, interval: 500 })
      .toBe(200);
    expect(await (await server.ask("/metrics")).text()).toMatch(/^fer_threads_ended_total 1$/m);
  },
);
