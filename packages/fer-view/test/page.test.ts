/** Needs FER_CHROMIUM. Every page as it is seen, heard and used; FER_SHOTS names a folder for pictures of the states. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { view, type Viewer } from "@fer/view";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeBundle } from "./fixtures/bundle.ts";
import { CHROMIUM, lookThrice, openChromium } from "./fixtures/chromium.ts";
import { CLASSES, HOSTILE, makeWorld, type World } from "./fixtures/world.ts";

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  let world: World;
  let browser: Browser;
  let viewer: Viewer;

  beforeAll(async () => {
    makeBundle();
    world = await makeWorld();
    mkdirSync(join(world.folder, "runs/damaged"));
    writeFileSync(join(world.folder, "runs/damaged/config.json"), "{");
    writeFileSync(join(world.folder, "runs/damaged/manifest.json"), "{");
    viewer = await view({ folder: world.folder });
    browser = await openChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await viewer?.close();
    world?.remove();
  });

  /** A page once it is there; what its console said, and which addresses beyond the viewer's it asked. */
  async function open(address: string, options: BrowserContextOptions = {}) {
    const page = await (await browser.newContext(options)).newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => request.url().startsWith(viewer.url) || said.push(`asked ${request.url()}`));
    await page.goto(`${viewer.url}${address}`);
    return { page, said };
  }
  const run = (name: string): string => `run?path=${encodeURIComponent(`runs/${name}`)}`;
  const status = (page: Page, text: string | RegExp): Promise<void> =>
    page.locator("[role=status]", { hasText: text }).first().waitFor({ timeout: 30_000 });

  test("every state, light, dark and narrow", { timeout: 180_000 }, async () => {
    const { page, said } = await open("");
    const state = (name: string): Promise<void> => lookThrice(page, name);
    await page.getByRole("link", { name: "runs/first" }).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(8);
    await state("list");
    await page.getByLabel("runs/first with others").check();
    await page.getByLabel(`runs/${HOSTILE} with others`).check();
    await page.getByRole("link", { name: "Look at them together" }).click();
    await page.getByText(/^Against runs/).waitFor({ timeout: 30_000 });
    await state("together");

    await page.goto(`${viewer.url}${run("first")}`);
    await status(page, "faces.");
    await page.getByText("The numbers").click();
    await page.locator("table.confusion td.hit button").first().click();
    await page.getByRole("heading", { name: "neutral, seen so" }).waitFor();
    await state("run");
    await page.locator("[aria-labelledby=cell] .faces button").first().click();
    await page.getByRole("button", { name: "Cover the face bit by bit" }).click();
    await status(page, "The network sees");
    await state("face");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("dialog").count()).toBe(0);
    await page.goto(`${viewer.url}${run("folds")}`);
    await status(page, "faces.");
    await state("folds");

    await page.goto(`${viewer.url}set?path=features/mix`);
    await page.getByRole("button", { name: "Look for images" }).click();
    await status(page, "1 pairs of the same pixels");
    await state("set");
    await page.goto(`${viewer.url}dataset?path=data/own`);
    await status(page, "pictures.");
    await state("dataset");
    await page.goto(`${viewer.url}review?path=runs/folds`);
    await page.getByRole("combobox").selectOption("1");
    await page.getByRole("heading", { name: /^Face 1 of/ }).waitFor();
    await state("review");

    expect(said).toEqual([]);
    await page.goto(`${viewer.url}${run("damaged")}`);
    await page.getByRole("alert").first().waitFor();
    await state("damaged");
    await page.goto(`${viewer.url}set?path=nothing`);
    await page.getByText("There is no set at nothing").waitFor();
    await state("error");
    await page.context().close();
  });

  test("what things are called is text, whatever it looks like", async () => {
    const { page, said } = await open(run(HOSTILE));
    await status(page, "faces.");
    expect(await page.textContent("h1")).toBe(`runs/${HOSTILE}`);
    expect(await page.locator("table.confusion thead th").allTextContents()).toEqual(["label", ...CLASSES]);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(said).toEqual([]);
    await page.context().close();
  });

  test("a cell of the confusion matrix opens its faces, which are pictures", async () => {
    const { page } = await open(run("first"));
    const cell = page.locator("table.confusion td.hit button").first();
    const count = Number(await cell.locator("small").textContent());
    await cell.click();
    const faces = page.locator("[aria-labelledby=cell] .faces li");
    await expect.poll(() => faces.count()).toBe(count);
    await expect
      .poll(() =>
        faces
          .first()
          .locator("img")
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(8);
    await page.context().close();
  });

  test("labels are reviewed by keys alone, and the table is written with each", async () => {
    const { page } = await open("review?path=runs/folds");
    await page.getByRole("combobox").selectOption("1");
    const heading = page.getByRole("heading", { name: /^Face/ });
    await heading.waitFor();
    const total = Number((await heading.textContent())!.split(" ").at(-1));
    await page.locator("body").press("k");
    await page.getByRole("heading", { name: `Face 2 of ${total}` }).waitFor();
    await page.keyboard.press("x");
    await page.getByRole("heading", { name: `Face 3 of ${total}` }).waitFor();
    await page.keyboard.press("2");
    await status(page, `The label should be ${CLASSES[1]}.`).catch(() => status(page, "The label is right."));
    const table = join(world.folder, "folded.verdicts.csv");
    await expect.poll(() => existsSync(table) && readFileSync(table, "utf8").trim().split("\n").length).toBe(4);
    const verdicts = readFileSync(table, "utf8")
      .trim()
      .split("\n")
      .slice(1, 3)
      .map((line) => line.split(",")[1]);
    expect(verdicts).toEqual(["keep", "exclude"]);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("u");
    await expect.poll(() => readFileSync(table, "utf8").trim().split("\n").length).toBe(3);
    await page.context().close();
  });

  test("is walked through by keyboard", async () => {
    const { page } = await open("");
    await page.getByRole("link", { name: "runs/first" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("To the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/run\?path=/);
    await page.context().close();
  });
});
