/** Needs FER_CHROMIUM. A camera that sees real frames, one that is refused, absent or taken away, and a device that is lost. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openChromium } from "./fixtures/chromium.js";
import { PLACE, writeFilm } from "./fixtures/film.mjs";
import type { Site } from "./fixtures/site.mjs";
import { errorIn, frames, HAPPY, home, inPage, startHost, temporaryFolder } from "./fixtures/workplace.js";

interface Shot {
  faces: { box: { x: number; y: number; width: number; height: number }; expression: string }[];
  width: number;
  height: number;
  dropped: number;
  time: number;
}

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  const folder = temporaryFolder();
  let site: Site;
  let browser: Browser;

  const open = async ({ camera = true }: { camera?: boolean } = {}): Promise<Page> => {
    const context = await browser.newContext(camera ? { permissions: ["camera"] } : {});
    const page = await context.newPage();
    await page.goto(site.address);
    return page;
  };

  beforeAll(async () => {
    const film = join(folder.path, "film.y4m");
    await writeFilm(film, [join(frames, HAPPY)]);
    site = await startHost({
      pages: { "/readme": readmePage(), "/docs.html": docsPage() },
      serves: { "/photo.png": join(frames, HAPPY) },
    });
    browser = await openChromium({ camera: film });
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    folder.remove();
  });

  test("sees the frames of the camera, leaves out those it has no time for, and lets the camera go", async () => {
    const page = await open();
    const { shots, state } = await inPage<{ shots: Shot[]; state: unknown }>(
      page,
      `const recognizer = await web.createRecognizer({ backend: "wasm", views: 1 });
       const camera = await web.openCamera();
       const shots = [];
       for await (const shot of recognizer.watch(camera)) {
         shots.push(shot);
         if (shots.length === 3) await new Promise((resolve) => setTimeout(resolve, 400));
         if (shots.length === 6) camera.stop();
       }
       const state = { tracks: camera.stream.getTracks().map((track) => track.readyState), shown: camera.video.srcObject };
       recognizer.dispose();
       return { shots, state };`,
    );
    await page.context().close();
    expect(state).toEqual({ tracks: ["ended"], shown: null });
    expect(shots).toHaveLength(6);
    for (const { faces, width, height } of shots) {
      expect([width, height]).toEqual([640, 480]);
      expect(faces.map(({ expression }) => expression)).toEqual(["happy"]);
      const { box } = faces[0]!;
      const middle = [box.x + box.width / 2, box.y + box.height / 2];
      expect(Math.abs(middle[0]! - PLACE.x - PLACE.side / 2)).toBeLessThan(40);
      expect(Math.abs(middle[1]! - PLACE.y - PLACE.side / 2)).toBeLessThan(60);
    }
    // 400 ms are 12 frames of 30 a second.
    expect(shots[3]!.dropped).toBeGreaterThan(5);
    const times = shots.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("a camera that is refused, absent or taken away says so, and what to do", async () => {
    const refused = await open({ camera: false });
    const said = { refused: await errorIn(refused, `await web.openCamera();`) };
    await refused.context().close();
    const page = await open();
    Object.assign(said, {
      unable: await errorIn(page, `await web.openCamera({ constraints: { width: { exact: 99999 } } });`),
      lost: await errorIn(
        page,
        `const recognizer = await web.createRecognizer({ backend: "wasm", views: 1 });
         const camera = await web.openCamera();
         for await (const shot of recognizer.watch(camera)) camera.stream.getTracks()[0].dispatchEvent(new Event("ended"));`,
      ),
      aborted: await errorIn(page, `await web.openCamera({ signal: AbortSignal.abort(new Error("enough")) });`),
      notSecure: await errorIn(
        page,
        `Object.defineProperty(navigator, "mediaDevices", { value: undefined }); await web.openCamera();`,
      ),
    });
    await page.context().close();
    const without = await openChromium();
    try {
      const absent = await without.newPage({ permissions: ["camera"] });
      await absent.goto(site.address);
      Object.assign(said, { absent: await errorIn(absent, `await web.openCamera();`) });
    } finally {
      await without.close();
    }
    expect(said).toMatchInlineSnapshot(`
      {
        "aborted": {
          "code": undefined,
          "message": "enough",
          "name": "Error",
        },
        "absent": {
          "code": "NO_CAMERA",
          "message": "camera: none is connected. Connect one, or pass a picture.",
          "name": "FerError",
        },
        "lost": {
          "code": "CAMERA_LOST",
          "message": "camera: it was taken away or switched off. Connect it and allow it, then open it again.",
          "name": "FerError",
        },
        "notSecure": {
          "code": "CAMERA_NOT_ALLOWED",
          "message": "camera: browsers give a page none that did not come by https. Serve the page by https, or from localhost.",
          "name": "FerError",
        },
        "refused": {
          "code": "CAMERA_REFUSED",
          "message": "camera: the user, or a rule of this page, refused it. Allow it by the camera sign in the browser's address bar, then try again; a page in a frame needs allow="camera".",
          "name": "FerError",
        },
        "unable": {
          "code": "CAMERA_UNABLE",
          "message": "camera: none can do what is asked (width). Ask for less by the option constraints.",
          "name": "FerError",
        },
      }
    `);
  });

  test("the programs of the README run", { timeout: 120_000 }, async () => {
    const context = await browser.newContext({ permissions: ["camera"] });
    const page = await context.newPage();
    const printed: string[] = [];
    page.on("console", (message) => printed.push(message.text()));
    await page.goto(`${site.address}/readme`);
    await expect.poll(() => printed.join("\n"), { timeout: 60_000 }).toMatch(/happy 0\.\d+/);
    await expect.poll(() => page.textContent("p"), { timeout: 60_000 }).toMatch(/^happy, \d+ frames left out$/);
    await page.click("button");
    await expect.poll(() => page.evaluate("document.querySelector('video').srcObject")).toBeNull();
    await context.close();
  });

  test("the page of docs/browser.md runs, under the policy that it names", { timeout: 120_000 }, async () => {
    const page = await open();
    const violations: string[] = [];
    page.on("console", (message) => violations.push(message.text()));
    await page.goto(`${site.address}/docs.html`);
    await expect.poll(() => page.textContent("p"), { timeout: 60_000 }).toBe("Ready, on wasm");
    await page.setInputFiles("input", join(frames, HAPPY));
    await expect.poll(() => page.textContent("p"), { timeout: 60_000 }).toMatch(/^happy \d+ %$/);
    expect(violations).toEqual([]);
    await page.context().close();
  });
});

/** The `js` blocks of the README, one after another, by the name of the package. */
function readmePage(): string {
  const text = readFileSync(join(home, "README.md"), "utf8");
  const programs = [...text.matchAll(/^```js[^\n]*\n(.*?)^```$/gms)].map(([, code]) => code!);
  return `<!doctype html>
    <video></video><button>stop</button><p></p>
    <script type="importmap">{ "imports": { "@fer/web": "/bundle/fer-web.js" } }</script>
    ${programs.map((code) => `<script type="module">${code}</script>`).join("\n")}`;
}

/** The page of docs/browser.md, under its Content-Security-Policy but for the script within the page. */
function docsPage(): string {
  const text = readFileSync(join(home, "../../docs/browser.md"), "utf8");
  const [, page] = /^```html\n(.*?)^```$/ms.exec(text)!;
  const script = /<script type="module">(.*?)<\/script>/s.exec(page!)![1]!;
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; worker-src 'self'; connect-src 'self'`;
  return page!.replace(
    "<meta",
    `<meta http-equiv="Content-Security-Policy" content="${policy}" /><link rel="icon" href="data:," /><meta`,
  );
}
