/** Needs FER_CHROMIUM: a Chromium that runs headless. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderReport } from "../../dist/report/index.js";
import { afterAll, describe, expect, test } from "vitest";
import { foldedReportData, reportData } from "../report/fixture.js";

describe.skipIf(!process.env["FER_CHROMIUM"])("headless Chromium (FER_CHROMIUM)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-report-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Opens a page; returns what it says on its console, and the picture. */
  function open(page: string, ...flags: string[]): { console: string[]; png: Buffer } {
    const file = join(folder, "page.html");
    const picture = join(folder, "page.png");
    writeFileSync(file, page);
    const args = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--enable-logging=stderr",
      "--window-size=1000,2000",
    ];
    const { stderr } = spawnSync(
      process.env["FER_CHROMIUM"]!,
      [
        ...args,
        ...flags,
        `--user-data-dir=${join(folder, "profile")}`,
        `--screenshot=${picture}`,
        pathToFileURL(file).href,
      ],
      { encoding: "utf8", timeout: 60_000 },
    );
    return { console: stderr.split("\n").filter((line) => line.includes(":CONSOLE")), png: readFileSync(picture) };
  }

  test("would notice a console message", () => {
    expect(open('<script>console.error("heard")</script>').console.join()).toContain("heard");
  });

  test("shows the report without a word on the console", async () => {
    for (const data of [reportData(), foldedReportData()]) {
      const { console, png } = open(await renderReport(data));
      expect(console).toEqual([]);
      expect(png.length).toBeGreaterThan(50_000);
    }
  });

  test("has a dark look", async () => {
    const page = await renderReport(reportData());
    const dark = open(page, "--blink-settings=preferredColorScheme=0").png;
    expect(dark.equals(open(page).png)).toBe(false);
  });
});
