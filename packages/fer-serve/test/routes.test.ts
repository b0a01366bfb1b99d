/** Every route, as its document says. */
import { encodePng } from "@fer/dataset-extractors/image";
import { freezeModel, openFrozenModel } from "@fer/model";
import type { OpenAPIV3_1 } from "openapi-types";
import { beforeAll, describe, expect, test } from "vitest";
import { faces, pattern, photo, WEIGHTS } from "./fixtures/pictures.ts";
import { type Answered, start, type Started } from "./fixtures/start.ts";

let server: Started;
beforeAll(async () => {
  server = await start({ maxWait: 20 });
});

const JSON_TYPE = { "content-type": "application/json" };

/** What the model itself says of faces that were cut out. */
async function expected(pictures: Buffer[]): Promise<Record<string, number>[]> {
  const model = await openFrozenModel((await freezeModel(WEIGHTS, { views: 1 }))!);
  const found = await model.predict(pictures);
  model.dispose();
  return found.map(({ probabilities }) => probabilities);
}

function closeTo(found: Record<string, number>, wanted: Record<string, number>): void {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted)) expect(found[name]).toBeCloseTo(value, 5);
}

describe("POST /v1/predict", () => {
  test("a face that was cut out, as raw bytes, says what the model says", async () => {
    const [face] = faces(1);
    const { status, json } = await server.predict(face!, undefined, "?faces=crop");
    expect(status).toBe(200);
    expect(json.images).toHaveLength(1);
    const { width, height, faces: seen } = json.images[0]!;
    expect([width, height, seen.length, seen[0]!.box]).toEqual([256, 256, 1, null]);
    closeTo(seen[0]!.probabilities, (await expected([face!]))[0]!);
    expect(seen[0]!.confidence).toBe(seen[0]!.probabilities[seen[0]!.expression]);
  });

  test("several faces as a form and as JSON, in their order, and equal to each one alone", async () => {
    const files = faces(7);
    const wanted = await expected(files);
    const form = new FormData();
    for (const [i, file] of files.entries()) form.append("image", new Blob([file]), `${i}.png`);
    const asForm = await server.predict(form, {}, "?faces=crop");
    const images = files.map((file, i) => (i % 2 === 0 ? "" : "data:image/png;base64,") + file.toString("base64"));
    const asJson = await server.predict(JSON.stringify({ images }), JSON_TYPE, "?faces=crop");
    for (const { status, json } of [asForm, asJson]) {
      expect(status).toBe(200);
      expect(json.images).toHaveLength(7);
      for (const [i, { faces: seen }] of json.images.entries()) closeTo(seen[0]!.probabilities, wanted[i]!);
    }
  });

  test("a photo is searched: both faces, with boxes and eyes where they are", async () => {
    const { status, json } = await server.predict(await photo(), { "content-type": "application/octet-stream" });
    expect(status).toBe(200);
    const { width, height, faces: seen } = json.images[0]!;
    expect([width, height, seen.length]).toEqual([900, 400, 2]);
    const lefts = seen.map(({ box }) => box!.x + box!.width / 2).sort((a, b) => a - b);
    expect(Math.abs(lefts[0]! - 228)).toBeLessThan(40);
    expect(Math.abs(lefts[1]! - 678)).toBeLessThan(40);
    for (const { eyes, score } of seen) {
      expect(eyes[0][0]).toBeLessThan(eyes[1][0]);
      expect(score).toBeGreaterThan(0.7);
    }
  });

  test("a picture without a face has none, and is no failure", async () => {
    const blank = encodePng({ width: 400, height: 300, channels: 1, data: new Uint8Array(120_000).fill(90) });
    const { status, json } = await server.predict(blank);
    expect([status, json]).toEqual([200, { images: [{ width: 400, height: 300, faces: [] }] }]);
  });

  test("of several pictures, one that cannot be looked at says why, and the others are predicted", async () => {
    const images = [faces(1)[0]!.toString("base64"), Buffer.from("no picture").toString("base64")];
    const { status, json } = await server.predict(JSON.stringify({ images }), JSON_TYPE, "?faces=crop");
    expect(status).toBe(200);
    expect(json.images[0]!.faces).toHaveLength(1);
    expect(json.images[1]!.error?.code).toBe("BAD_IMAGE");
  });

  test("faces of 100 requests at once are predicted together, each as it is alone", { timeout: 120_000 }, async () => {
    const pictures = Array.from({ length: 20 }, (_, seed) => encodePng(pattern(48, seed + 1)));
    const wanted = await expected(pictures);
    const before = await batches();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => server.predict(pictures[i % 20]!)));
    for (const [i, { status, json }] of answers.entries()) {
      expect(status).toBe(200);
      closeTo(json.images[0]!.faces[0]!.probabilities, wanted[i % 20]!);
    }
    const after = await batches();
    expect(after.faces - before.faces).toBe(100);
    expect(after.count - before.count).toBeLessThan(50);
  });
});

async function batches(): Promise<{ faces: number; count: number }> {
  const text = await (await server.ask("/metrics")).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { faces: value("fer_batch_faces_sum"), count: value("fer_batch_faces_count") };
}

describe("the other routes", () => {
  test("/healthz and /readyz", async () => {
    expect(await (await server.ask("/healthz")).json()).toEqual({ status: "ok" });
    expect(await (await server.ask("/readyz")).json()).toEqual({ status: "ready" });
  });

  test("/v1/model", async () => {
    expect(await (await server.ask("/v1/model")).json()).toEqual({
      architecture: "resnet",
      classes: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"],
      size: 48,
      channels: 1,
      views: 1,
      parameters: 705_495,
    });
  });

  test("/metrics is text for Prometheus, with the routes and without what was asked of them", async () => {
    await server.predict(faces(1)[0]!, undefined, "?faces=crop");
    const answer = await server.ask("/metrics");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    const text = await answer.text();
    expect(text).toMatch(/^fer_requests_total\{route="\/v1\/predict",status="200"\} \d+$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toContain("faces=crop");
  });

  test("/openapi.json tells every route that /docs tells, and names types, limits and refusals", async () => {
    const document = (await (await server.ask("/openapi.json")).json()) as OpenAPIV3_1.Document;
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths!)).toEqual(["/v1/predict", "/v1/model", "/healthz", "/readyz", "/metrics"]);
    const post = document.paths!["/v1/predict"]!.post!;
    expect(Object.keys((post.requestBody as OpenAPIV3_1.RequestBodyObject).content)).toEqual([
      "image/*",
      "application/octet-stream",
      "multipart/form-data",
      "application/json",
    ]);
    expect(Object.keys(post.responses!)).toEqual(["200", "400", "401", "403", "413", "415", "422", "429", "503"]);
    expect(post.parameters![0]).toMatchObject({ schema: { enum: ["auto", "crop", "detect"] } });
  });

  test("/docs is a page that loads nothing from elsewhere and runs no script", async () => {
    const answer = await server.ask("/docs");
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const page = await answer.text();
    for (const route of ["/v1/predict", "/v1/model", "/healthz", "/readyz", "/metrics"]) expect(page).toContain(route);
    expect(page).not.toMatch(/<script|https?:\/\/|@import|url\(/);
  });

  test("what is not there is told so, and what is there by another method", async () => {
    const wrong = async (route: string, method: string) => {
      const answer = await server.ask(route, { method });
      return [answer.status, ((await answer.json()) as Answered).error.code];
    };
    expect(await wrong("/v1/nothing", "GET")).toEqual([404, "NOT_FOUND"]);
    expect(await wrong("/../../etc/passwd", "GET")).toEqual([404, "NOT_FOUND"]);
    expect(await wrong("/v1/predict", "GET")).toEqual([405, "WRONG_METHOD"]);
    expect(await wrong("/metrics", "POST")).toEqual([405, "WRONG_METHOD"]);
  });

  test("the log tells route, status and time, and nothing of pictures, names, addresses", async () => {
    const form = new FormData();
    form.append("secret-field", new Blob([faces(1)[0]!]), "secret-name.png");
    await server.predict(form, {}, "?faces=crop");
    const line = JSON.parse(server.lines.findLast((text) => text.includes('"request"'))!);
    expect(Object.keys(line).sort()).toEqual([
      "level",
      "method",
      "ms",
      "msg",
      "pid",
      "reqId",
      "route",
      "status",
      "time",
    ]);
    expect(server.lines.join("")).not.toMatch(/secret|127\.0\.0\.1:\d+.*request|faces=crop/);
  });
});
