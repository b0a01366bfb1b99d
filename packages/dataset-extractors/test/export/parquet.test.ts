/** The life of a Parquet export; what other tools read in it is in `consumers/hugging-face.test.ts`. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "@fer/dataset-extractors/image";
import { exportParquet, extract } from "@fer/dataset-extractors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let root: string;
const at = (...path: string[]) => join(root, ...path);

/** A picture whose grey levels depend on `seed`. */
const picture = (seed: number) =>
  encodePng({
    width: 16,
    height: 16,
    channels: 1,
    data: Uint8Array.from({ length: 256 }, (_, i) => (i * 7 + seed) % 256),
  });

async function images(to: string, seed = 0): Promise<string> {
  for (const [label, name] of ["anger", "happy"].entries()) {
    mkdirSync(at(`${to}-from`, name), { recursive: true });
    for (let i = 0; i < 70; i++)
      writeFileSync(at(`${to}-from`, name, `${name}${i}.png`), picture(seed + 100 * label + i));
  }
  await extract({ adapter: "folders", from: at(`${to}-from`), to: at(to), workers: 1 });
  return at(to);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fer-export-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("an export", () => {
  test("is kept where it is there, and refused where it is of other data", async () => {
    const folder = await images("one");
    const first = await exportParquet(folder, { to: at("parquet") });
    expect(first).toMatchObject({ rows: { all: 140 }, files: [at("parquet/all.parquet")], reused: false });
    const bytes = readFileSync(at("parquet/all.parquet"));
    expect(await exportParquet(folder, { to: at("parquet") })).toEqual({ ...first, reused: true });

    const other = await images("two", 1);
    await expect(exportParquet(other, { to: at("parquet") })).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
    expect(readFileSync(at("parquet/all.parquet"))).toEqual(bytes);
    await exportParquet(other, { to: at("parquet"), overwrite: true });
    expect(readFileSync(at("parquet/all.parquet"))).not.toEqual(bytes);
  });

  test("has the same bytes with any number of workers", async () => {
    const folder = await images("one");
    await exportParquet(folder, { to: at("parquet"), workers: 1 });
    await exportParquet(folder, { to: at("again"), workers: 2 });
    expect(readFileSync(at("again/all.parquet"))).toEqual(readFileSync(at("parquet/all.parquet")));
  });

  test("that was damaged is not kept without a word", async () => {
    const folder = await images("one");
    await exportParquet(folder, { to: at("parquet") });
    const bytes = readFileSync(at("parquet/all.parquet"));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(at("parquet/all.parquet"), bytes);
    const again = exportParquet(folder, { to: at("parquet") });
    await expect(again).rejects.toThrow(/cannot be kept: .*all\.parquet: its content has changed/);
  });

  test.each([
    ["has other pixels", (file: string) => writeFileSync(file, picture(77)), "it does not show what was extracted"],
    ["was cut off", (file: string) => truncateSync(file, 60), "it cannot be decoded"],
    ["is gone", (file: string) => rmSync(file), "it is missing"],
  ])("is not made of a picture that %s", async (_, change, problem) => {
    const folder = await images("one");
    change(join(folder, "all/happy", readdirSync(join(folder, "all/happy"))[3]!));
    const made = exportParquet(folder, { to: at("parquet") });
    await expect(made).rejects.toMatchObject({ code: "BAD_IMAGE" });
    await expect(made).rejects.toThrow(problem);
    expect(readdirSync(root).filter((name) => name.includes("parquet"))).toEqual([]);
  });

  test("refuses a second one at the same time, and leaves nothing when it is stopped", async () => {
    const folder = await images("one");
    const both = await Promise.allSettled([1, 2].map(() => exportParquet(folder, { to: at("parquet") })));
    const failed = both.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    expect(failed.filter((code) => code !== "BUSY")).toEqual([]);
    expect(readdirSync(at("parquet"))).toEqual([".manifest.json", "all.parquet"]);

    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const stopped = exportParquet(folder, { to: at("stopped"), signal: controller.signal, onProgress });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(root).sort()).toEqual(["one", "one-from", "parquet"]);
  });
});
