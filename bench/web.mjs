/**
 * A page that names the expressions of faces, in Chromium: bytes that it loads, time from its address to the first picture
 * that is named, and frames a second of a camera that shows a face. @vladmandic/human does the same on the same pages: its
 * detector and its emotions, without mesh, iris and description, every frame anew (by itself it reuses what it saw for up
 * to 2.5 s, which is the row "reusing").
 *
 * `FER_CHROMIUM` is a Chromium. `FER_BENCH_ROUNDS` is how often each page is opened, in turns, 5; `FER_BENCH_SECONDS` is how
 * long the camera is watched each time, 8.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { writeFilm } from "../packages/fer-web/test/fixtures/film.mjs";
import { startSite } from "../packages/fer-web/test/fixtures/site.mjs";
import { installedPeers } from "./peers/installed_peers.mjs";
import { median } from "./peers/median.mjs";
import { wasmFolder } from "./peers/wasm_of.mjs";

export const title = "A page that names expressions: bytes, time to the first, frames a second";
export const peers =
  "@vladmandic/human 3.3.6 on tfjs-backend-wasm 4.22.0, in the same Chromium, each page opened in turns";

const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.FER_BENCH_SECONDS ?? 8);
const frames = fileURLToPath(new URL("../examples/data/ckplus", import.meta.url));
const HAPPY = join(frames, "4/S010_006_00000015.png");

/** A page sets `window.ready` to `{ first }`, what the picture shows, and `window.count`, frames of the camera so far. */
const page = (script) => `<!doctype html><img src="/face.png"><video muted playsinline></video>
<script type="module">${script}</script>`;

const own = (options) => `
import { createRecognizer, openCamera } from "/fer/fer-web.js";
const recognizer = await createRecognizer(${JSON.stringify(options)});
const image = document.querySelector("img");
await image.decode();
const [face] = await recognizer.recognize(image);
window.ready = { first: face?.expression, device: recognizer.backend.device };
window.watch = async () => {
  window.count = 0;
  const camera = await openCamera({ video: document.querySelector("video") });
  for await (const { faces } of recognizer.watch(camera)) if (faces.length > 0) window.count += 1;
};`;

const human = (options) => `
import Human from "/human/dist/human.esm.js";
const human = new Human({
  backend: "wasm", wasmPath: "/wasm/", modelBasePath: "/human/models/", cacheSensitivity: 0.7, debug: false,
  filter: { enabled: false }, gesture: { enabled: false }, body: { enabled: false }, hand: { enabled: false },
  face: {
    enabled: true, detector: { rotation: false, maxDetected: 5, skipFrames: 0, skipTime: 0 }, mesh: { enabled: false },
    iris: { enabled: false }, description: { enabled: false }, emotion: { enabled: true, skipFrames: 0, skipTime: 0 } },
  ...${JSON.stringify(options)},
});
const image = document.querySelector("img");
await image.decode();
const { face } = await human.detect(image);
window.ready = { first: face[0]?.emotion?.[0]?.emotion, device: human.tf.getBackend() };
window.watch = async () => {
  window.count = 0;
  const video = document.querySelector("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
  await video.play();
  for (;;) {
    const { face } = await human.detect(video);
    if (face.length > 0) window.count += 1;
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }
};`;

const SUBJECTS = {
  "@fer/web": own({ backend: "wasm" }),
  "@fer/web, one view": own({ backend: "wasm", views: 1 }),
  human: human({ cacheSensitivity: 0 }),
  "human, reusing": human({
    face: {
      enabled: true,
      mesh: { enabled: false },
      iris: { enabled: false },
      description: { enabled: false },
      emotion: { enabled: true },
    },
  }),
};

export async function run({ log }) {
  if (process.env.FER_CHROMIUM === undefined) throw new Error("Set FER_CHROMIUM to a Chromium");
  const home = installedPeers();
  const folder = mkdtempSync(join(tmpdir(), "fer-bench-web-"));
  const film = join(folder, "film.y4m");
  await writeFilm(film, [HAPPY]);
  const serves = {
    "/fer/": fileURLToPath(new URL("../packages/fer-web/bundle", import.meta.url)),
    "/human/": join(home, "node_modules/@vladmandic/human"),
    "/wasm/": wasmFolder(home),
    "/face.png": HAPPY,
  };
  const addresses = Object.keys(SUBJECTS).map((_, at) => `/${at}.html`);
  const pages = Object.fromEntries(Object.values(SUBJECTS).map((script, at) => [addresses[at], page(script)]));
  const site = await startSite({ serves, pages });
  const browser = await chromium.launch({
    executablePath: process.env.FER_CHROMIUM,
    args: ["--no-sandbox", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
  });
  const seen = Object.keys(SUBJECTS).map(() => ({ bytes: [], first: [], rate: [] }));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [at, name] of Object.keys(SUBJECTS).entries()) {
        const context = await browser.newContext({ permissions: ["camera"] });
        const tab = await context.newPage();
        site.sent.clear();
        const start = performance.now();
        await tab.goto(site.address + addresses[at]);
        await tab.waitForFunction("window.ready !== undefined", undefined, { polling: 5, timeout: 120_000 });
        seen[at].first.push((performance.now() - start) / 1000);
        const { first, device } = await tab.evaluate("window.ready");
        seen[at].bytes.push([...site.sent.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6);
        await tab.evaluate("void window.watch()");
        await tab.waitForFunction("window.count > 2", undefined, { timeout: 60_000 });
        const [from, counted] = [performance.now(), await tab.evaluate("window.count")];
        await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
        seen[at].rate.push(((await tab.evaluate("window.count")) - counted) / ((performance.now() - from) / 1000));
        log(
          `${round} ${name}: ${first} (${device}), ${seen[at].first.at(-1).toFixed(2)} s, ${seen[at].rate.at(-1).toFixed(2)} frames/s`,
        );
        await context.close();
      }
    }
  } finally {
    await browser.close();
    site.close();
    rmSync(folder, { recursive: true });
  }
  const peer = Object.keys(SUBJECTS).indexOf("human");
  return Object.entries({
    bytes: ["bytes loaded until the first picture is named, not compressed", "MB", false],
    first: ["from the address to the first picture named", "s", false],
    rate: ["frames of the camera named", "frames/s", true],
  }).flatMap(([key, [of, unit, isMore]]) =>
    Object.keys(SUBJECTS).map((subject, at) => {
      const value = median(seen[at][key]);
      // Of each round, so that a load of the machine is in both.
      const ratio = median(
        seen[at][key].map((each, round) => (isMore ? each / seen[peer][key][round] : seen[peer][key][round] / each)),
      );
      return { subject, case: of, value, unit, ratio: at === peer ? null : ratio };
    }),
  );
}
