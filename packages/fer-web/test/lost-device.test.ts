/** Needs FER_CHROMIUM. What becomes of a picture when the graphics device goes: its process is killed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openChromium } from "./fixtures/chromium.js";
import type { Site } from "./fixtures/site.mjs";
import { HAPPY, inPage, startHost } from "./fixtures/workplace.js";

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startHost();
  });
  afterAll(() => site?.close());

  test.each(["webgl", "webgpu"])(
    "goes on without a word lost where the device of %s is lost, and says so",
    { timeout: 400_000 },
    async (name) => {
      const browser = await openChromium();
      const page = await browser.newPage();
      await page.goto(site.address);
      await inPage(
        page,
        `window.changes = [];
         window.recognizer = await web.createRecognizer({
           backend: ["${name}", "wasm"], views: 1, onBackendChange: (backend) => changes.push(backend) });
         window.file = await (await fetch("/frames/${HAPPY}")).blob();
         window.first = (await recognizer.expressions([file]))[0].expression;`,
      );
      const session = await browser.newBrowserCDPSession();
      await session.send("Browser.crashGpuProcess").catch(() => {});
      const found = await inPage<{ first: string; second: string; changes: { name: string; refused: object[] }[] }>(
        page,
        `const second = (await recognizer.expressions([file]))[0].expression;
         recognizer.dispose();
         return { first, second, changes };`,
      );
      await browser.close();
      expect(found).toMatchObject({
        first: "happy",
        second: "happy",
        changes: [{ name: "wasm", refused: [{ name, reason: expect.stringMatching(/lost/) }] }],
      });
    },
  );
});
