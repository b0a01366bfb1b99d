/**
 * Needs FER_CHROMIUM: a Chromium that runs headless. TensorFlow.js opens the exports of a real run there, on WebAssembly, on
 * WebGL and in plain JavaScript, and sees the 327 faces of `examples/data/ckplus`. `FER_BROWSER_TABLE` names a file for
 * what was found, which docs/formats.md tells.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { prepareImage } from "@fer/dataset-extractors/image";
import { exportRun, openRun } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selectEngine } from "../../dist/engine/select.js";
import { singleViewInput } from "../../dist/formats/single-view.js";
import { PREDICT_ONLY, predictRows } from "../../dist/predict/predict.js";
import { classesOf, worst } from "../formats/exported-run.ts";

const root = join(import.meta.dirname, "../../../..");
const RUN = join(root, "examples/models/fer2013-hour");
const FRAMES = join(root, "examples/data/ckplus");
/** Of the run, by the names of the folders of the frames. */
const LABELS = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
const EXPORTS = {
  tfjs: { as: "tfjs" },
  float16: { as: "tfjs", quantize: "float16" },
  uint8: { as: "tfjs", quantize: "uint8" },
  graph: { as: "tfjs-graph" },
} as const;
/** What is opened, on which backend; WebGL on a processor and plain JavaScript are slow, and see a few faces. */
const ASKED = [
  ["tfjs", "wasm", 327],
  ["tfjs", "webgl", 32],
  ["tfjs", "cpu", 8],
  ["float16", "wasm", 327],
  ["uint8", "wasm", 327],
  ["graph", "wasm", 327],
  ["graph", "webgl", 32],
] as const;

const PAGE = `<!doctype html><meta charset="utf-8"><script src="/tfjs/tf.min.js"></script><script src="/wasm/tf-backend-wasm.min.js"></script><script>
const tell = (what) => fetch("/told", { method: "POST", body: JSON.stringify(what) });
(async () => {
  tf.wasm.setWasmPaths("/wasm/");
  const pixels = new Float32Array(new Uint8Array(await (await fetch("/faces")).arrayBuffer()));
  const size = 48, of = size * size, found = [];
  for (const [name, backend, count] of await (await fetch("/asked")).json()) {
    await tf.setBackend(backend);
    await tf.ready();
    const isGraph = name === "graph";
    const model = isGraph ? await tf.loadGraphModel("/exports/graph/graph.json") : await tf.loadLayersModel("/exports/" + name + "/raw.json");
    const probabilities = [];
    for (let from = 0; from < count; from += 64) {
      const rows = Math.min(64, count - from);
      const x = tf.tensor(pixels.subarray(from * of, (from + rows) * of), [rows, size, size, 1]);
      const y = model.predict(x);
      probabilities.push(...await y.data());
      tf.dispose([x, y]);
    }
    model.dispose();
    found.push({ name, backend: tf.getBackend(), probabilities });
  }
  await tell({ tfjs: tf.version.tfjs, browser: navigator.userAgent, found });
})().catch((error) => tell({ problem: String(error && error.stack || error) }));
</script>`;

interface Told {
  tfjs: string;
  browser: string;
  found: { name: string; backend: string; probabilities: number[] }[];
}

describe.skipIf(!process.env["FER_CHROMIUM"])("exports in a browser (FER_CHROMIUM)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-browser-"));
  let server: Server;
  let browser: ChildProcess | undefined;
  let expected: Float32Array;
  let truth: number[];
  let told: Told;

  beforeAll(async () => {
    const pictures = LABELS.flatMap((_, label) =>
      readdirSync(join(FRAMES, String(label)))
        .toSorted()
        .map((name) => ({ label, file: join(FRAMES, String(label), name) })),
    );
    const faces = new Uint8Array(pictures.length * 48 * 48);
    for (const [i, { file }] of pictures.entries())
      faces.set(await prepareImage(file, { size: 48, channels: 1, fit: "stretch" }), i * 48 * 48);
    for (const [name, options] of Object.entries(EXPORTS)) await exportRun(RUN, { to: join(folder, name), ...options });
    expected = await singleViews(faces, pictures.length);
    truth = pictures.map(({ label }) => label);
    told = await ask(faces);
  }, 300_000);
  afterAll(async () => {
    server.close();
    if (browser !== undefined && browser.exitCode === null) {
      const ended = once(browser, "exit");
      browser.kill("SIGKILL");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  /** What the network says of the one view, by an engine that knows no file. */
  async function singleViews(images: Uint8Array, count: number): Promise<Float32Array> {
    const run = await openRun(RUN);
    const network = await run.network();
    const { engine } = await selectEngine("wasm");
    const step = await engine.prepare({ ...PREDICT_ONLY, model: network, input: { scale: 1, offset: 0 } });
    const view = { predict: (rows: Uint8Array, n: number) => step.predict(singleViewInput(rows, run.model!), n) };
    try {
      return await predictRows(view, { images, count });
    } finally {
      step.dispose();
      network.dispose();
    }
  }

  /** Serves page, exports and faces, and waits for what the page tells. */
  async function ask(faces: Uint8Array): Promise<Told> {
    const require = createRequire(join(root, "packages/fer-model/package.json"));
    const dist = (name: string): string => join(require.resolve(`${name}/package.json`), "../dist");
    const places: Record<string, string> = {
      exports: folder,
      tfjs: dist("@tensorflow/tfjs"),
      wasm: dist("@tensorflow/tfjs-backend-wasm"),
    };
    return new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        void (async () => {
          const path = normalize(new URL(request.url!, "http://page").pathname);
          const [, place, ...rest] = path.split("/");
          if (path === "/told") {
            const answer = JSON.parse(await text(request)) as Told | { problem: string };
            response.end();
            if ("problem" in answer) reject(new Error(answer.problem));
            else resolve(answer);
          } else if (path === "/") response.setHeader("content-type", "text/html").end(PAGE);
          else if (path === "/faces") response.end(faces);
          else if (path === "/asked") response.end(JSON.stringify(ASKED));
          else if (Object.hasOwn(places, place!)) {
            if (path.endsWith(".wasm")) response.setHeader("content-type", "application/wasm");
            response.end(readFileSync(join(places[place!]!, ...rest)));
          } else response.writeHead(404).end();
        })().catch(reject);
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const flags = ["--headless=new", "--no-sandbox", "--enable-unsafe-swiftshader", "--use-angle=swiftshader"];
        const profile = `--user-data-dir=${join(folder, "profile")}`;
        browser = spawn(process.env["FER_CHROMIUM"]!, [...flags, profile, `http://127.0.0.1:${port}/`], {
          stdio: "ignore",
        });
        void once(browser, "exit").then(([code]) => reject(new Error(`Chromium has ended with ${code}`)));
      });
    });
  }

  const of = (name: string, backend: string): number[] =>
    told.found.find((each) => each.name === name && each.backend === backend)!.probabilities;
  const accuracy = (rows: ArrayLike<number>): number =>
    classesOf(rows, 7).filter((label, i) => label === truth[i]).length / truth.length;

  test.for([
    ["tfjs", "wasm", 1e-5],
    ["tfjs", "webgl", 1e-4],
    ["tfjs", "cpu", 1e-5],
    ["graph", "wasm", 1e-5],
    ["graph", "webgl", 1e-4],
    ["float16", "wasm", 1e-2],
  ] as const)("%s on %s says the same as the run, within %d", ([name, backend, most]) => {
    const found = of(name, backend);
    expect(found.length / 7).toBeGreaterThanOrEqual(8);
    expect(worst(found, expected.subarray(0, found.length))).toBeLessThan(most);
  });

  // Of 327 faces one is 0.3 points.
  test("uint8 is right about as many faces, but for two", () => {
    expect(Math.abs(accuracy(of("uint8", "wasm")) - accuracy(expected))).toBeLessThan(2.5 / 327);
    expect(accuracy(expected)).toBeGreaterThan(0.7);
  });

  test("nothing was left out", () => {
    expect(told.found.map(({ name, backend }) => [name, backend])).toEqual(
      ASKED.map(([name, backend]) => [name, backend]),
    );
    const table = process.env["FER_BROWSER_TABLE"];
    if (table === undefined) return;
    const rows = told.found.map(({ name, backend, probabilities: found }) => ({
      name,
      backend,
      faces: found.length / 7,
      worst: worst(found, expected.subarray(0, found.length)),
      accuracy: found.length === expected.length ? accuracy(found) : null,
    }));
    writeFileSync(
      table,
      JSON.stringify({ tfjs: told.tfjs, browser: told.browser, accuracy: accuracy(expected), rows }),
    );
  });
});
