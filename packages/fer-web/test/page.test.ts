/**
 * Needs FER_CHROMIUM. The page of `examples/browser`, as Vite builds it: seen, heard, by keyboard, in every state.
 * FER_SHOTS names a folder for pictures of these states.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openChromium } from "./fixtures/chromium.js";
import { writeFilm } from "./fixtures/film.mjs";
import { type Site, startSite } from "./fixtures/site.mjs";
import { frames, HAPPY, home, temporaryFolder } from "./fixtures/workplace.js";

const example = join(home, "../../examples/browser");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SURPRISE = "6/S010_002_00000014.png";

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  const folder = temporaryFolder();
  const built = join(folder.path, "site");
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    const vite = join(example, "node_modules/vite/bin/vite.js");
    const words = [vite, "build", "--outDir", built, "--emptyOutDir", "--logLevel", "warn"];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: example, encoding: "utf8" });
    if (status !== 0) throw new Error(`vite build failed\n${stdout}${stderr}`);
    const model = join(folder.path, "hostile");
    cpSync(join(home, "bundle/model"), model, { recursive: true });
    const info = JSON.parse(readFileSync(join(model, "model.json"), "utf8")) as object;
    const classes = ["<script>hacked = 1</script>", "<img src=x onerror='hacked = 1'>", ..."cdefg"];
    writeFileSync(join(model, "model.json"), JSON.stringify({ ...info, classes }));
    const film = join(folder.path, "film.y4m");
    await writeFilm(film, [join(frames, HAPPY), join(frames, SURPRISE)]);
    // In a folder of a host, as anybody's page may be.
    site = await startSite({ serves: { "/some/folder/": built } });
    browser = await openChromium({ camera: film });
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    folder.remove();
  });

  /** The page when it is ready, and what its console said. */
  async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; said: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    await page.goto(`${site.address}/some/folder/`);
    await page.waitForSelector("#picture:enabled", { timeout: 60_000 });
    return { page, said };
  }

  /** No serious or critical finding of axe; a picture of the state where FER_SHOTS is set. */
  async function look(page: Page, state: string): Promise<void> {
    await page.addScriptTag({ path: axe });
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(grave.map(({ id, nodes }) => `${state}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    const shots = process.env["FER_SHOTS"];
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${state}.png`), fullPage: true });
  }

  const words = (page: Page): Promise<string[]> => page.locator("#faces button").allTextContents();

  test.each([
    { scheme: "light", width: 1200 },
    { scheme: "dark", width: 1200 },
    { scheme: "light", width: 360 },
  ] as const)(
    "names a picture, the camera and what is wrong: $scheme, $width wide",
    { timeout: 180_000 },
    async (look_) => {
      const { scheme, width } = look_;
      const viewport = { width, height: 800 };
      const { page, said } = await open({ colorScheme: scheme, viewport, permissions: ["camera"] });
      const state = (name: string): Promise<void> => look(page, `${scheme}-${width}-${name}`);
      await state("ready");
      await page.setInputFiles("#picture", join(frames, HAPPY));
      await expect.poll(() => words(page), { timeout: 60_000 }).toEqual([expect.stringMatching(/^1: happy, \d+ %$/)]);
      expect(await page.textContent("#summary")).toBe("One face: happy.");
      expect(await page.locator("#bars li").allTextContents()).toHaveLength(7);
      await state("picture");
      await page.click("summary");
      await state("settings");
      await page.click("summary");
      await page.setInputFiles("#picture", { name: "no.png", mimeType: "image/png", buffer: Buffer.from("no") });
      await expect.poll(() => page.textContent("#error")).toMatch(/^no\.png: the browser cannot decode it/);
      await state("error");
      await page.click("#camera");
      await expect.poll(() => words(page), { timeout: 60_000 }).toEqual([expect.stringMatching(/^1: /)]);
      await expect.poll(() => page.textContent("#state"), { timeout: 60_000 }).toMatch(/^[1-9]\d*\.\d frames a second/);
      await expect.poll(() => page.textContent("#lines-text"), { timeout: 60_000 }).toMatch(/ \d+ %/);
      await state("camera");
      await page.click("#camera");
      await expect.poll(() => page.evaluate("document.querySelector('#video').srcObject")).toBeNull();
      expect(said).toEqual([]);
      const wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
      expect(wider).toBe(false);
      await page.context().close();
    },
  );

  test("works by keyboard alone", async () => {
    const { page } = await open({ permissions: ["camera"] });
    const reached: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press("Tab");
      reached.push((await page.evaluate("document.activeElement.id || document.activeElement.localName")) as string);
    }
    expect(reached.slice(0, 3)).toEqual(["picture", "camera", "summary"]);
    const chooser = page.waitForEvent("filechooser");
    await page.focus("#picture");
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(join(frames, HAPPY));
    await expect.poll(() => words(page), { timeout: 60_000 }).toHaveLength(1);
    await page.focus("#faces button");
    await page.keyboard.press("Space");
    expect(await page.getAttribute("#faces button", "aria-pressed")).toBe("true");
    await page.context().close();
  });

  test("a picture that is dropped is named, and one without a face is said to have none", async () => {
    const { page } = await open();
    const drop = (draw: string): Promise<unknown> =>
      page.evaluate(`(async () => {
        const canvas = new OffscreenCanvas(300, 200);
        ${draw}
        const transfer = new DataTransfer();
        transfer.items.add(new File([await canvas.convertToBlob()], "drawn.png", { type: "image/png" }));
        document.querySelector("#stage").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
      })()`);
    await drop(`canvas.getContext("2d").fillRect(10, 10, 50, 50);`);
    await expect.poll(() => page.textContent("#summary"), { timeout: 60_000 }).toBe("No face found.");
    await look(page, "no-face");
    await page.context().close();
  });

  test("a refused camera says what to do", async () => {
    const { page } = await open();
    await page.click("#camera");
    await expect
      .poll(() => page.textContent("#error"))
      .toMatch(/^camera: the user, or a rule of this page, refused it\. Allow/);
    await look(page, "refused");
    await page.context().close();
  });

  test("what a model calls its classes is text, whatever it looks like", async () => {
    const { page } = await open();
    await page.setInputFiles("#model", join(folder.path, "hostile"));
    await page.waitForSelector("#picture:disabled", { state: "attached" });
    await page.waitForSelector("#picture:enabled", { timeout: 60_000 });
    await page.setInputFiles("#picture", join(frames, HAPPY));
    await expect.poll(() => words(page), { timeout: 60_000 }).toHaveLength(1);
    const names = await page.locator("#bars .name").allTextContents();
    expect(names.slice(0, 2)).toEqual(["<script>hacked = 1</script>", "<img src=x onerror='hacked = 1'>"]);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    await look(page, "hostile");
    await page.context().close();
  });

  test("a page that was opened from a file says that it wants a server", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(built, "index.html")).href);
    expect(await page.textContent("#error")).toMatch(/^This page was opened from a file, .* npx vite preview/);
    expect(await page.isVisible("#error")).toBe(true);
    await look(page, "from-a-file");
    await page.close();
  });

  test("nothing is loaded from elsewhere, and nothing is sent", async () => {
    const page = await browser.newPage();
    const others: string[] = [];
    page.on("request", (request) => {
      const isOwn = /^(data|blob):/.test(request.url()) || request.url().startsWith(site.address);
      if (!isOwn || request.method() !== "GET" || request.postData() !== null) others.push(request.url());
    });
    await page.goto(`${site.address}/some/folder/`);
    await page.waitForSelector("#picture:enabled", { timeout: 60_000 });
    await page.setInputFiles("#picture", join(frames, HAPPY));
    await expect.poll(() => words(page), { timeout: 60_000 }).toHaveLength(1);
    expect(others).toEqual([]);
    expect(existsSync(join(built, "index.html"))).toBe(true);
    await page.close();
  });
});
