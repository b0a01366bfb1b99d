import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "@fer/dataset-extractors/image";
import { extract, inspect, writeFindings } from "@fer/dataset-extractors";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "fer-inspect-"))));
// 65,000 small files take a slow disk a while
afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);

/** A sharp 32 x 32 picture, blurred by a 5 x 5 mean where asked. */
function picture(seed: number, blurred = false): Buffer {
  let state = seed * 2654435761 + 1;
  const sharp = Uint8Array.from({ length: 1024 }, () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 1;
    return (state >>> 8) & 255;
  });
  const mean = (x: number, y: number): number => {
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) sum += sharp[((y + dy) & 31) * 32 + ((x + dx) & 31)]!;
    return sum / 25;
  };
  const data = blurred ? sharp.map((_, i) => mean(i & 31, i >> 5)) : sharp;
  return encodePng({ width: 32, height: 32, channels: 1, data });
}

async function imageFolder(name: string, files: Record<string, Buffer>): Promise<string> {
  const from = join(folder, `${name}-from`);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(from, path, ".."), { recursive: true });
    writeFileSync(join(from, path), bytes);
  }
  await extract({ adapter: "fer2013", from, to: join(folder, name), workers: 1 });
  return join(folder, name);
}

describe("inspecting image folders", () => {
  it("finds twins across splits and folders, conflicts, black and blurred pictures", async () => {
    const black = encodePng({ width: 32, height: 32, channels: 1, data: new Uint8Array(1024) });
    const a = await imageFolder("a", {
      "train/angry/Training_1.png": picture(1, true),
      "train/angry/Training_2.png": picture(2, true),
      "train/happy/Training_3.png": picture(2, true),
      "train/happy/Training_4.png": black,
      "train/happy/Training_5.png": picture(5, true),
      "test/angry/PublicTest_1.png": picture(11),
      "test/angry/PublicTest_2.png": picture(1, true),
      "test/angry/PublicTest_3.png": picture(13),
      "test/happy/PublicTest_4.png": picture(14),
    });
    const b = await imageFolder("b", {
      "train/angry/Training_9.png": picture(11),
      "train/happy/Training_8.png": picture(21),
    });
    const result = await inspect([a, b], { workers: 2 });
    expect(result).toMatchObject({
      images: 11,
      counts: { train: { anger: 3, happy: 4 }, val: { anger: 3, happy: 1 } },
      duplicates: { exact: { groups: 3, files: 6, acrossSplits: 2, acrossFolders: 2 } },
      conflicts: 1,
      black: 1,
      blank: 0,
      undecodable: 0,
    });
    expect(result.lists.black).toEqual([join(a, "train", "happy", "Training_4.png")]);
    expect(result.warnings).toContain("1 groups of identical images carry different labels");
    expect(result.warnings.at(-1)).toMatch(
      /^"train" is much less sharp than "val" \(median Laplacian deviation .* blurred training part$/,
    );

    // the fixtures are noise and its means: no faces
    expect(result.lists.quality.map(({ source, reason }) => `${source} ${reason}`)).toContain(
      "fer2013/train/happy/Training_4.png black",
    );
    const written = await writeFindings(result, join(folder, "findings"));
    expect(
      readFileSync(join(folder, "findings", "quality.csv"), "utf8")
        .split("\n")
        .slice(0, 1),
    ).toEqual(["sample,verdict,reason"]);
    expect(written.map((file) => file.slice(folder.length + 10))).toEqual([
      "findings.json",
      "quality.csv",
      "contact-sheet-1.png",
      "contact-sheet-2.png",
      "index.html",
    ]);
    const page = readFileSync(join(folder, "findings", "index.html"), "utf8");
    expect(page).toContain("1 groups of identical pictures under different labels.");
    expect([result.blurred, result.noFace]).toEqual([1, 6]);
    // of conflicts, black ones, exact twins, blurred ones, and pictures without a face
    expect(page.match(/<img /g)!.length).toBe(2 + 1 + 6 + 1 + 6);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  it("lists dark and blurred pictures, and those without a face, as assemble reads them", async () => {
    const face = (seed: number) => picture(seed);
    const dark = encodePng({
      width: 32,
      height: 32,
      channels: 1,
      data: Uint8Array.from({ length: 1024 }, (_, i) => i % 30),
    });
    const name = "poor";
    const poor = await imageFolder(name, {
      "train/angry/Training_1.png": face(1),
      "train/angry/Training_2.png": face(2),
      "train/happy/Training_3.png": face(3),
      "train/happy/Training_4.png": dark,
      "train/happy/Training_5.png": picture(6, true),
      "test/happy/PublicTest_1.png": face(7),
      "test/angry/PublicTest_2.png": face(8),
    });
    const { lists, dark: darkOnes, blurred, noFace } = await inspect([poor], { workers: 1 });
    expect(lists.quality.map(({ source, reason }) => [source, reason])).toEqual([
      ["fer2013/train/anger/Training_1.png", "no-face"],
      ["fer2013/train/anger/Training_2.png", "no-face"],
      ["fer2013/train/happy/Training_3.png", "no-face"],
      ["fer2013/train/happy/Training_4.png", "dark"],
      ["fer2013/train/happy/Training_5.png", "blurred"],
      ["fer2013/val/happy/PublicTest_1.png", "no-face"],
      ["fer2013/val/anger/PublicTest_2.png", "no-face"],
    ]);
    expect([darkOnes, blurred, noFace]).toEqual([1, 1, 5]);
  });

  it("refuses a folder that is no image folder", async () => {
    await expect(inspect([join(folder, "nothing")])).rejects.toThrow("there is no dataset.json");
  });
});

describe.skipIf(!process.env["FER_DATA"])("on the real FER2013 archive (FER_DATA)", () => {
  it("finds the twins across Training and PublicTest and the black images", async () => {
    const from = join(folder, "fer2013");
    mkdirSync(from);
    const archive = join(process.env["FER_DATA"]!, "fer2013-train-and-public.tar.gz");
    expect(existsSync(archive)).toBe(true);
    expect(spawnSync("tar", ["xzf", archive, "-C", from]).status).toBe(0);
    await extract({ adapter: "fer2013", from, to: join(folder, "fer2013-images"), workers: 2 });
    const result = await inspect([join(folder, "fer2013-images")], { workers: 2 });
    expect(result).toMatchObject({ images: 32_298, duplicates: { exact: { acrossSplits: 278 } }, black: 12 });
    const splitsOf = (group: string[]): Set<string> =>
      new Set(group.map((file) => file.slice(folder.length).split(/[\\/]/)[2]!));
    // the black pictures are a group of their own, across both parts
    const across = result.lists.exact.filter((group) => splitsOf(group).size > 1);
    expect(across.filter((group) => !result.lists.black.includes(group[0]!))).toHaveLength(250 + 17);
    expect(result.lists.black.filter((file) => file.includes("PublicTest"))).toHaveLength(1);
  }, 900_000);
});
