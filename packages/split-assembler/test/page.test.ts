/**
 * The page of a set and its Croissant description: what they show, and that they are part of the set. Some need
 * FER_CHROMIUM, a Chromium that runs headless, or FER_PYTHON, a Python with mlcroissant.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { openSet, verifySet } from "@fer/core/set";
import { Assembler, type AssemblerInput } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { setPage } from "../dist/page/set-page.js";
import { CHROMIUM, openChromium } from "../../fer-view/test/fixtures/chromium.ts";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
const twin = (id: string) => (id.endsWith("0004") ? id.replace("0004", "0000") : id);
const leaky = balancedImages({ subjects: 0, split: (i) => (i < 4 ? "train" : "test") }).map((image) =>
  Object.assign(image, image.expression === "sad" ? { pixels: twin(image.id) } : {}),
);
const data = writeImageFolder(folder.at("data"), leaky, { adapter: "rafdb" });
let sets = 0;
const assemble = async (options: Partial<AssemblerInput>, from = data) => {
  const to = folder.at(`set-${(sets += 1)}`);
  const set = await new Assembler({ name: "mix", to, ...options }).assemble([from]);
  set.close();
  return { to, set, page: () => readFileSync(`${to}/mix.html`, "utf8") };
};
const visible = (page: string): string =>
  page
    .slice(page.indexOf("<body"))
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the page of a set", () => {
  it("shows counts, warnings, twins as pictures, licence and citation", async () => {
    const { page } = await assemble({ split: "official" });
    const text = visible(page());
    expect(text).toContain("Who is in an image is not known");
    expect(text).toContain("Copies of val and test images in train: 1 exact");
    expect(text).toMatch(/sad 4 1 surprise 4 1 images 28 7/);
    expect(text).toContain("28 of rafdb/train");
    expect(text).toContain("Li, Deng, Du, Reliable Crowdsourcing");
    expect(text).toContain("non-commercial research");
    expect(text).toMatch(/BibTeX @misc\{rafdb, title = \{\{.*\}\}, note = \{Li, Deng, Du, .*\}, year = \{2017\},/);
    expect(page().match(/data:image\/png;base64,/g)!.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain("the same pixels sad rafdb/ train/ sad/ sad-0000.png sad rafdb/ test/ sad/ sad-0004.png");
    expect(page()).not.toMatch(/<script|https?:\/\/[^ ]*\.(js|css)|&quot;Segoe/);
  });

  it.skipIf(CHROMIUM === undefined)("is no wider than a telephone (FER_CHROMIUM)", { timeout: 60_000 }, async () => {
    const { page } = await assemble({ split: "official" });
    const browser = await openChromium();
    try {
      const narrow = await browser.newPage({ viewport: { width: 390, height: 800 } });
      await narrow.setContent(page());
      expect(await narrow.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    } finally {
      await browser.close();
    }
  });

  it("counts the groups on both sides that are known, and says which pairs have two labels", async () => {
    const known = writeImageFolder(folder.at("known"), balancedImages({ prefix: "p-" }), { adapter: "ckplus" });
    const to = folder.at("merged");
    const options = { name: "mix", to, split: "ratio", testShare: 0.4, near: false, seed: 2 } as const;
    const set = await new Assembler(options).assemble([data, known]);
    set.close();
    const text = visible(readFileSync(`${to}/mix.html`, "utf8"));
    expect(text).toContain("the same person may be on both sides. On both sides: 5 groups of images that name one.");
    const picture = (expression: string) => ({ png: Buffer.alloc(0), source: `a/${expression}.png`, expression });
    const pairs = [{ kind: "near", train: picture("fear"), heldOut: picture("sad") }] as const;
    expect(visible(setPage({ info: set.info, pairs, twins: 1 }))).toContain(
      "nearly the same, two labels fear a/ fear.png sad a/ sad.png",
    );
  });

  it("shows what was taken out, and folds", async () => {
    const { page } = await assemble({ split: "official", leaks: "drop-from-train" });
    expect(visible(page())).toMatch(/Taken out of train as twins of val and test images: 1 exact/);
    const people = writeImageFolder(folder.at("people"), balancedImages(), { adapter: "ckplus" });
    const folded = await assemble({ split: "leave-one-subject-out" }, people);
    expect(visible(folded.page())).toMatch(/No subject is on both sides\. .*ckplus\/S4 28 0 7 1 \d+ 0/);
  });

  it("is the same again, and one of the files that are compared", async () => {
    const first = await assemble({ split: "official" });
    const again = await assemble({ split: "official" });
    expect(again.page()).toBe(first.page());
    rmSync(`${first.to}/mix.html`);
    await expect(openSet(`${first.to}/mix`)).rejects.toThrow(/mix\.html/);
    writeFileSync(`${again.to}/mix.html`, again.page().replace("</html>", "</HTML>"));
    const changed = await openSet(`${again.to}/mix`);
    changed.close();
    await expect(verifySet(changed, { parts: ["train"] })).rejects.toThrow(/mix\.html/);
    await expect(openSet(`${again.to}/mix`, { verify: true })).rejects.toThrow(/mix\.html/);
  });

  it("is left out where nobody wants it, and goes with the set that it is of", async () => {
    const { to } = await assemble({ split: "official", leaks: "drop-from-train" });
    expect(readdirSync(to).filter((name) => !/_(train|test)_?/.test(name))).toEqual([
      "mix.croissant.json",
      "mix.html",
      "mix.json",
      "mix.manifest.json",
      "mix_dropped.jsonl",
    ]);
    const other = { name: "mix", to, split: "official", overwrite: true, page: false } as const;
    (await new Assembler(other).assemble([data])).close();
    expect(["mix.html", "mix.croissant.json", "mix_dropped.jsonl"].map((name) => existsSync(`${to}/${name}`))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

const VALIDATE = `
import json, sys, mlcroissant
described = mlcroissant.Dataset(jsonld=sys.argv[1])
parts = [each.uuid for each in described.metadata.record_sets]
print(json.dumps({part: sum(1 for _ in described.records(part)) for part in parts}))`;

describe("the Croissant description", () => {
  it("names every file with its hash, and the rows of each part", async () => {
    const { to, set } = await assemble({ split: "official" });
    const described = JSON.parse(readFileSync(`${to}/mix.croissant.json`, "utf8"));
    expect(described).toMatchObject({ "@type": "sc:Dataset", name: "mix", identifier: set.info.fingerprint });
    for (const { contentUrl, sha256 } of described.distribution)
      expect(sha256).toBe(
        createHash("sha256")
          .update(readFileSync(`${to}/${contentUrl}`))
          .digest("hex"),
      );
    expect(described.distribution).toHaveLength(6);
    expect(described.recordSet.map((each: { "@id": string }) => each["@id"])).toEqual(["train", "test"]);
  });

  const python = process.env["FER_PYTHON"];
  const hasValidator = python !== undefined && spawnSync(python, ["-c", "import mlcroissant"]).status === 0;
  it.skipIf(!hasValidator).each(["official", "kfold"] as const)(
    "passes MLCommons' own validator, which reads the rows, of a set split by %s (FER_PYTHON with mlcroissant)",
    { timeout: 120_000 },
    async (split) => {
      const { to, set } = await assemble(split === "official" ? { split } : { split, folds: 2, seed: 8 });
      const said = spawnSync(python!, ["-c", VALIDATE, `${to}/mix.croissant.json`], { encoding: "utf8" });
      expect(said.stderr).not.toMatch(/error/i);
      // no day on which it was published: the same data give the same bytes on every day
      const warnings = [...said.stderr.matchAll(/^ +- +(.*)/gm)].map((match) => match[1]);
      expect(warnings).toEqual([expect.stringContaining("datePublished")]);
      const counts = Object.entries(set.info.parts).map(([part, { count }]) => [part, count]);
      expect(JSON.parse(said.stdout)).toEqual(Object.fromEntries(counts));
    },
  );
});
