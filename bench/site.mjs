/**
 * Lighthouse on pages of the documentation, as it judges them for a phone: the median of each category over several visits.
 * Lighthouse 12.8 (13 needs Node 22) comes from npm into the cache. FER_CHROMIUM is the browser, `FER_BENCH_ROUNDS` how often
 * each page is visited, 5.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { staticHost } from "../site/static-host.mjs";
import { installedPeers } from "./peers/installed_peers.mjs";
import { median } from "./peers/median.mjs";

export const title = "Lighthouse 12.8 on pages of the documentation, for a phone";
export const peers = "none; the aim is 95 in each category";

const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 5);
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const PAGES = ["", "start/tutorial.html", "datasets/ckplus.html", "api/core-set.html"];

export async function run({ log }) {
  if (process.env.FER_CHROMIUM === undefined) throw new Error("FER_CHROMIUM names no browser");
  const site = fileURLToPath(new URL("../site", import.meta.url));
  execFileSync(process.execPath, [join(site, "build.mjs")], { stdio: "ignore" });
  const host = await staticHost(join(site, "dist"));
  const work = mkdtempSync(join(tmpdir(), "fer-lighthouse-"));
  const found = new Map(PAGES.map((page) => [page, []]));
  try {
    const home = installedPeers({ folder: "bench-site", packages: ["lighthouse@12.8.2"] });
    const bin = join(home, "node_modules/lighthouse/cli/index.js");
    for (let round = 1; round <= ROUNDS; round++)
      for (const page of PAGES) {
        const out = join(work, "report.json");
        const flags = [
          "--quiet",
          "--output=json",
          `--output-path=${out}`,
          "--chrome-flags=--headless=new --no-sandbox",
        ];
        const child = spawn(process.execPath, [bin, `${host.url}${page}`, ...flags], {
          env: { ...process.env, CHROME_PATH: process.env.FER_CHROMIUM },
          stdio: ["ignore", "ignore", "inherit"],
        });
        await once(child, "exit");
        const { categories, audits } = JSON.parse(readFileSync(out, "utf8"));
        const scores = CATEGORIES.map((name) => Math.round(100 * categories[name].score));
        found.get(page).push(scores);
        log(`${round} /${page}: ${scores.join(" ")}`);
        const wrong = Object.values(audits).filter(
          ({ score, scoreDisplayMode }) => score === 0 && scoreDisplayMode !== "informative",
        );
        if (round === 1) for (const { id, displayValue = "" } of wrong) log(`    ${id} ${displayValue}`);
      }
  } finally {
    host.close();
    rmSync(work, { recursive: true, force: true });
  }
  return PAGES.flatMap((page) =>
    CATEGORIES.map((name, at) => {
      const value = median(found.get(page).map((scores) => scores[at]));
      return { case: `/${page}`, subject: name, value, unit: "of 100", ratio: null };
    }),
  );
}
