/**
 * The site is made and served from a path of its own. In a real browser (FER_CHROMIUM) it is searched, walked through and
 * looked at by axe, light, dark and narrow; `FER_DOCS=all` looks at every page, not at one of each kind, and
 * `FER_DOCS_SHOTS` names a folder for what it looks like.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deadLinks } from "../dead-links.mjs";
import { type StaticHost, staticHost } from "../static-host.mjs";

const site = join(import.meta.dirname, "..");
/** Where CI takes it from. */
const OUT = join(site, "dist");
const CHROMIUM = process.env["FER_CHROMIUM"];
const SHOTS = process.env["FER_DOCS_SHOTS"];
/** One of each kind, first those that are looked at dark and narrow too. */
const KINDS = [
  "",
  "start/",
  "datasets/ckplus.html",
  "reference/config.html",
  "commands/fer-export.html",
  "start/tutorial.html",
  "how-to/serving.html",
  "datasets/",
  "api/core-set.html",
  "explanation/what-a-number-means.html",
];
const LOOKS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
};

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(site, "build.mjs")]);
}, 300_000);

describe("the site", () => {
  it("has no link that leads nowhere", () => {
    const { pages, dead } = deadLinks(OUT);
    expect(dead).toEqual([]);
    expect(pages).toBeGreaterThan(80);
  });

  it("loads nothing from elsewhere", () => {
    const files = readdirSync(OUT, { recursive: true, encoding: "utf8" }).filter((file) => /\.(html|css)$/.test(file));
    const foreign = files.flatMap((file) =>
      [
        ...readFileSync(join(OUT, file), "utf8").matchAll(
          /<(?:script|img|link|iframe)[^>]*(?:src|href)="(?:https?:)?\/\/[^"]*"|url\((?:https?:)?\/\/[^)]*\)/g,
        ),
      ].map(([tag]) => `${file}: ${tag}`),
    );
    expect(foreign).toEqual([]);
  });
});

describe.skipIf(CHROMIUM === undefined)("in a browser (FER_CHROMIUM)", { timeout: 300_000 }, () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;
  let host: StaticHost;

  beforeAll(async () => {
    host = await staticHost(OUT);
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    host?.close();
  });

  /** A page that keeps what goes wrong in it. */
  async function open(look: BrowserContextOptions = {}): Promise<{ page: Page; wrong: string[] }> {
    const page = await (await browser.newContext(look)).newPage();
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    page.on("response", (response) => response.status() >= 400 && wrong.push(`${response.status()} ${response.url()}`));
    return { page, wrong };
  }

  it("is walked through from page to page, forth and back, below whatever path", async () => {
    const { page, wrong } = await open(LOOKS["light"]);
    await page.goto(host.url);
    await page.getByRole("link", { name: "Commands", exact: true }).click();
    await page.waitForURL(`${host.url}commands/`);
    await page.getByRole("main").getByRole("link", { name: "fer export" }).click();
    await page.waitForURL(`${host.url}commands/fer-export.html`);
    await page
      .getByRole("navigation", { name: "Main Navigation" })
      .getByRole("link", { name: "Getting started" })
      .click();
    await page.waitForURL(`${host.url}start/`);
    await page.locator('img[src$=".svg"]').first().waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "fer export" }).waitFor();
    expect(wrong).toEqual([]);
  });

  it("is searched on the reader's machine", async () => {
    const { page, wrong } = await open(LOOKS["light"]);
    await page.goto(`${host.url}packages/model.html`);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("graceful SIGTERM");
    await page.getByRole("option").first().click();
    await page.waitForURL(/\/docs\/latest\/(packages|how-to)\/serv(e|ing)\.html/);
    expect(wrong).toEqual([]);
  });

  it("is read without scripts too", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(`${host.url}datasets/ckplus.html`);
    await page
      .getByRole("navigation", { name: "Main Navigation" })
      .getByRole("link", { name: "Getting started" })
      .click();
    await page.waitForURL(`${host.url}start/`);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("@fer");
  });

  it.each(Object.entries(LOOKS))("has nothing serious or critical for axe: %s", async (name, look) => {
    const { page, wrong } = await open(look);
    const all = readdirSync(OUT, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll(sep, "/"));
    const asked =
      process.env["FER_DOCS"] === "all"
        ? all.filter((file) => file.endsWith(".html") && file !== "404.html")
        : KINDS.slice(0, name === "light" ? KINDS.length : 5);
    const found: string[] = [];
    for (const path of asked) {
      await page.goto(`${host.url}${path}`, { waitUntil: "load" });
      if (SHOTS !== undefined) {
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({ path: join(SHOTS, `${path.replaceAll(/\W+/g, "-") || "home"}-${name}.png`) });
      }
      await page.evaluate(axe);
      const { violations } = (await page.evaluate("axe.run()")) as { violations: Violation[] };
      for (const { id, impact, nodes } of violations)
        if (impact === "serious" || impact === "critical")
          found.push(`${path}: ${id}: ${nodes[0]!.html} (${nodes.length})`);
    }
    expect(found).toEqual([]);
    expect(wrong).toEqual([]);
  });
});

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}
