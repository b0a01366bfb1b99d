/** Needs FER_CHROMIUM. Pictures of every kind, models from everywhere, and what goes wrong. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CHROMIUM, openChromium } from "./fixtures/chromium.js";
import type { Site } from "./fixtures/site.mjs";
import { errorIn, HAPPY, home, inPage, startHost, temporaryFolder } from "./fixtures/workplace.js";

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let page: Page;
  let site: Site;

  beforeAll(async () => {
    const model = join(home, "bundle/model");
    for (const name of ["mine", "outside", "cut"]) cpSync(model, join(folder.path, name), { recursive: true });
    const classes = ["<script>window.hacked = 1</script>", "b", "c", "d", "e", "f", "g"];
    const mine = JSON.parse(readFileSync(join(model, "model.json"), "utf8")) as object;
    writeFileSync(join(folder.path, "mine/model.json"), JSON.stringify({ ...mine, classes }));
    const network = JSON.parse(readFileSync(join(model, "network.json"), "utf8")) as {
      weightsManifest: { paths: string[] }[];
    };
    network.weightsManifest[0]!.paths = ["../mine/network.bin"];
    writeFileSync(join(folder.path, "outside/network.json"), JSON.stringify(network));
    writeFileSync(join(folder.path, "cut/network.bin"), readFileSync(join(model, "network.bin")).subarray(0, 1000));
    site = await startHost({
      serves: { "/models/": folder.path },
      pages: { "/app/model.json": "<!doctype html>", "/files": `<input type="file" webkitdirectory>` },
    });
    browser = await openChromium();
    page = await browser.newPage();
  });
  beforeEach(() => page.goto(site.address));
  afterAll(async () => {
    await browser?.close();
    site?.close();
    folder.remove();
  });

  test("takes everything that a page has as a picture; what is handed over is gone, unless it is kept", async () => {
    const found = await inPage<{ kinds: Record<string, string>; after: Record<string, number> }>(
      page,
      `const recognizer = await web.createRecognizer({ backend: "wasm", views: 1 });
       const blob = await (await fetch("/frames/${HAPPY}")).blob();
       const bitmap = () => createImageBitmap(blob);
       const canvas = new OffscreenCanvas(256, 256);
       const context = canvas.getContext("2d");
       context.drawImage(await bitmap(), 0, 0);
       const pixels = () => context.getImageData(0, 0, 256, 256);
       const image = Object.assign(new Image(), { src: "/frames/${HAPPY}" });
       await image.decode();
       const element = Object.assign(document.createElement("canvas"), { width: 256, height: 256 });
       element.getContext("2d").drawImage(image, 0, 0);
       const frame = async () => new VideoFrame(await bitmap(), { timestamp: 0 });
       const given = { bitmap: await bitmap(), pixels: pixels(), frame: await frame() };
       const kept = { bitmap: await bitmap(), pixels: pixels(), frame: await frame() };
       const kinds = {};
       for (const [name, source] of Object.entries({ blob, canvas, image, element, ...given }))
         kinds[name] = await recognizer.recognize(source);
       for (const [name, source] of Object.entries(kept))
         kinds["kept " + name] = await recognizer.recognize(source, { keep: true });
       const expected = kinds.blob[0];
       for (const [name, [face]] of Object.entries(kinds))
         kinds[name] = face.expression + (Math.abs(face.confidence - expected.confidence) < 0.02 ? "" : " " + face.confidence);
       const left = ({ bitmap, pixels, frame }) => [bitmap.width, pixels.data.length, frame.codedWidth];
       recognizer.dispose();
       return { kinds, after: { given: left(given), kept: left(kept) } };`,
    );
    expect(new Set(Object.values(found.kinds))).toEqual(new Set(["happy"]));
    expect(Object.keys(found.kinds)).toHaveLength(10);
    expect(found.after).toEqual({ given: [0, 0, 0], kept: [256, 256 * 256 * 4, 256] });
  });

  test("says what is wrong with a picture, and goes on", async () => {
    const found = await inPage<Record<string, string>>(
      page,
      `const recognizer = await web.createRecognizer({ backend: "wasm", views: 1 });
       const said = {};
       const failing = { text: new Blob(["no picture"], { type: "image/png" }), number: 7, image: new Image(),
         video: document.createElement("video"), closed: await createImageBitmap(new ImageData(8, 8)) };
       failing.closed.close();
       for (const [name, source] of Object.entries(failing))
         said[name] = await recognizer.recognize(source).then(String, (error) => error.message);
       const tiny = await recognizer.recognize(new ImageData(1, 1));
       const none = await recognizer.recognize(new ImageData(300, 200));
       const controller = new AbortController();
       const stopped = recognizer.recognize(new ImageData(2000, 2000), { signal: controller.signal });
       controller.abort(new Error("enough"));
       said.aborted = await stopped.then(String, (error) => error.message);
       const waiting = recognizer.recognize(new ImageData(500, 500));
       await Promise.resolve();
       setTimeout(() => recognizer.dispose(), 5);
       said.waiting = await waiting.then((faces) => "found " + faces.length, (error) => error.message);
       said.disposed = await recognizer.recognize(new ImageData(9, 9)).then(String, (error) => error.message);
       return { ...said, found: String(tiny.length + none.length) };`,
    );
    expect(found).toMatchInlineSnapshot(`
      {
        "aborted": "enough",
        "closed": "picture: the bitmap is closed, or was handed over before. Pass keep: true there.",
        "disposed": "recognizer: it was disposed of. Create another one.",
        "found": "0",
        "image": "picture: the image has not loaded. Await its decode() first.",
        "number": "picture: received number. Expected an ImageBitmap, VideoFrame, ImageData, File or Blob, or an img, video or canvas element. Decode it first: await createImageBitmap(...).",
        "text": "picture: the browser cannot decode it (image/png, 10 bytes). Expected a picture that it shows, such as JPEG, PNG or WebP.",
        "video": "picture: the video has no frame yet. Await its play() first.",
        "waiting": "recognizer: it was disposed of before it had answered.",
      }
    `);
  });

  test("opens a model from an address, from files that were chosen, and by a function", async () => {
    await page.goto(`${site.address}/files`);
    await page.setInputFiles("input", join(folder.path, "mine"));
    const found = await page.evaluate(`(async () => {
      const web = await import("/bundle/fer-web.js");
      const open = { url: "/models/mine", json: "/models/mine/model.json?v=2", files: document.querySelector("input").files,
        function: async (name) => new Uint8Array(await (await fetch("/models/mine/" + name)).arrayBuffer()) };
      const names = {};
      for (const [kind, model] of Object.entries(open)) {
        const recognizer = await web.createRecognizer({ backend: "wasm", model, views: 1 });
        const [{ probabilities }] = await recognizer.expressions([new ImageData(48, 48)]);
        names[kind] = Object.keys(probabilities)[0] + " " + recognizer.model.views;
        recognizer.dispose();
      }
      return { names, hacked: window.hacked };
    })()`);
    const name = "<script>window.hacked = 1</script> 1";
    expect(found).toEqual({ names: { url: name, json: name, files: name, function: name }, hacked: undefined });
  });

  test.each([
    [
      "/models/absent/",
      "NO_MODEL_FILE",
      /models\/absent\/model\.json: the server says 404\. .* Serve the whole folder/,
    ],
    ["/app/", "NO_MODEL_FILE", /app\/model\.json: the server gives a web page in its place\./],
    [
      "/models/outside/",
      "BAD_MODEL",
      /models\/outside\/: it names the file "\.\.\/mine\/network\.bin", outside its folder\./,
    ],
    ["/models/cut/", "BAD_MODEL", /^network\.json: it does not open \(/],
    [
      "https://",
      "INVALID_OPTIONS",
      /^recognizer options: model: received "https:\/\/"\. Expected the address of a folder/,
    ],
  ])("refuses a model at %s with %s", async (...[model, code, message]) => {
    const error = await errorIn(page, `await web.createRecognizer({ backend: "wasm", model: "${model}" });`);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("a reader of one's own may fail as it likes", async () => {
    const error = await errorIn(
      page,
      `await web.createRecognizer({ model: () => { throw new TypeError("no such file"); } });`,
    );
    expect(error).toEqual({ name: "TypeError", code: undefined, message: "no such file" });
  });

  test("refuses files that are not a model's, unknown options, and backends that do not exist", async () => {
    const said = await Promise.all(
      [
        `{ model: [] }`,
        `{ model: [new File(["{}"], "model.json")] }`,
        `{ backends: "wasm" }`,
        `{ backend: "webg" }`,
        `{ detector: { least: 2 } }`,
        `{ assets: "/nowhere/" }`,
      ].map((options) => errorIn(page, `await web.createRecognizer(${options});`)),
    );
    expect(said.map(({ name, code, message }) => `${name} ${code}: ${message}`)).toMatchInlineSnapshot(`
      [
        "FormatError NO_MODEL_FILE: chosen files: no model.json among 0 files. Expected the files of one folder that fer export --as tfjs wrote. Choose the whole folder.",
        "FormatError BAD_MODEL: model.json: ✖ Invalid input: expected 1. Expected a model as fer export --as tfjs writes it.",
        "OptionsError INVALID_OPTIONS: recognizer options: unknown option "backends". Did you mean "backend"?",
        "OptionsError INVALID_OPTIONS: recognizer options: backend: received "webg". Expected auto, webgpu, webgl, wasm, or a list.",
        "OptionsError INVALID_OPTIONS: recognizer options: detector.least: received 2. Expected less than 1.",
        "EngineError NO_BACKEND: recognizer: nothing can compute here (webgpu: it would compute on the processor (google swiftshader), where wasm is faster; name it to have it all the same; webgl: it would compute on the processor (ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)), where wasm is faster; name it to have it all the same; wasm: its worker failed (its script cannot be loaded)). Expected one of webgpu, webgl, wasm. Leave the option backend out to have all of them tried, and serve the files of the package's bundle folder with the page.",
      ]
    `);
  });

  test("a page that was opened from a file is told to come from a server", async () => {
    const file = join(folder.path, "page.html");
    writeFileSync(file, "<!doctype html>");
    await page.goto(pathToFileURL(file).href);
    // Such a page may load no module, and may hold one.
    const code = readFileSync(join(home, "bundle/fer-web.js"), "utf8");
    const names = (_: string, list: string): string =>
      `window.web = { ${list.replaceAll(/([\w$]+) as ([\w$]+)/g, "$2: $1")} };`;
    await page.addScriptTag({ type: "module", content: code.replace(/export\s*\{([^}]*)\};?\s*$/, names) });
    expect(await errorIn(page, `await web.createRecognizer();`)).toEqual({
      name: "FerError",
      code: "PAGE_FROM_FILE",
      message:
        "page: it was opened from a file, where browsers start no workers and load no other files. Expected a page from a server, which may run on this machine. Run npx vite, or python3 -m http.server, in the page's folder, and open the address that it prints.",
    });
  });

  test("a start that is not wanted any more ends at once, and its worker with it", async () => {
    const found = await inPage<{ before: string; during: string; took: number }>(
      page,
      `const before = await web.createRecognizer({ signal: AbortSignal.abort(new Error("enough")) }).catch(({ message }) => message);
       const controller = new AbortController();
       const reading = new Promise((resolve) => { window.read = () => { resolve(); return new Promise(() => {}); }; });
       const start = web.createRecognizer({ backend: "wasm", model: () => read(), signal: controller.signal });
       await reading;
       const from = performance.now();
       controller.abort(new Error("enough"));
       const during = await start.catch(({ message }) => message);
       return { before, during, took: performance.now() - from };`,
    );
    expect(found).toMatchObject({ before: "enough", during: "enough" });
    expect(found.took).toBeLessThan(1000);
    // Playwright hears of it a little later.
    await expect.poll(() => page.workers()).toEqual([]);
  });

  test("auto passes over graphics that are computed on the processor, and says so", async () => {
    const backend = await inPage<{ name: string; refused: { name: string; reason: string }[] }>(
      page,
      `const recognizer = await web.createRecognizer({ views: 1 });
       recognizer.dispose();
       return recognizer.backend;`,
    );
    expect(backend.name).toBe("wasm");
    expect(backend.refused.map(({ name }) => name)).toEqual(["webgpu", "webgl"]);
    for (const { reason } of backend.refused) expect(reason).toMatch(/computes? on the processor .*swiftshader/i);
  });
});
