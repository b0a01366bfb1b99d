/** `fer predict` on what people have: turned, deep, transparent, moving, huge, tiny, broken, and where they should not lie. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { paste, type Picture, resizeBilinear } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyPng } from "../../../dataset-extractors/test/fixtures/any-png.js";
import { animatedGif, jpegOf } from "../../../dataset-extractors/test/fixtures/images.js";
import { warmFer } from "../fixtures/warm-fer.js";

const EXAMPLES = fileURLToPath(new URL("../../../../examples/data/ckplus/", import.meta.url));

interface Row {
  file: string;
  faces?: number;
  firstOf?: number;
  box?: { x: number; y: number; width: number; height: number };
  expression?: string;
  probabilities?: Record<string, number>;
  doubt?: string | null;
  problem?: string;
}

/** A grey photo with a face of 160 pixels at 180, 50. */
let photo: Picture;
/** What is said of it. */
let plain: Row;
let folder: string;

const at = (name: string): string => join(folder, name);
const see = async (...words: string[]): Promise<{ code: number | null; rows: Row[]; stderr: string }> => {
  const { code, stdout, stderr } = await warmFer(folder, "predict", "--smallest", "60", "--json", ...words);
  return { code, rows: JSON.parse(stdout) as Row[], stderr };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-inputs-"));
  photo = { width: 400, height: 260, channels: 1, data: new Uint8Array(104_000).fill(110) };
  const face = resizeBilinear(await readPicture(join(EXAMPLES, "4/S010_006_00000015.png")), {
    width: 160,
    height: 160,
  });
  paste(face, { into: photo, x: 180, y: 50 });
  writeFileSync(at("plain.png"), encodePng(photo));
  plain = (await see("plain.png")).rows[0]!;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lines of so many bytes a pixel, without a filter. */
function linesOf(picture: Picture, bytesOf: (grey: number, i: number) => readonly number[]): Buffer {
  const { width, height, data } = picture;
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...Array.from(data.subarray(y * width, (y + 1) * width), (grey, x) => bytesOf(grey, y * width + x)).flat(),
  ]);
  return Buffer.from(rows.flat());
}

/** The same JPEG, which says that it is to be turned. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from("4578696600004d4d002a00000008000101120003000000010000000000000000", "hex");
  exif.writeUInt16BE(orientation, 24);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** Turned by a quarter to the left, as a phone stores it that says "turn me to the right" (6). */
function turnedLeft({ width, height, data }: Picture): Picture {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) out[(width - 1 - x) * height + y] = data[y * width + x]!;
  return { width: height, height: width, channels: 1, data: out };
}

const isNear = (a: Row["box"], b: Row["box"], by: number): boolean =>
  a !== undefined &&
  b !== undefined &&
  (["x", "y", "width", "height"] as const).every((key) => Math.abs(a[key] - b[key]) <= by);

describe.sequential("fer predict takes", { timeout: 120_000 }, () => {
  it("a phone photo that is stored turned: box and face as in the upright one", async () => {
    writeFileSync(at("upright.jpg"), await jpegOf(photo));
    writeFileSync(at("phone.jpg"), withOrientation(await jpegOf(turnedLeft(photo)), 6));
    const { rows } = await see("upright.jpg", "phone.jpg");
    expect(rows.map(({ file }) => file)).toEqual(["upright.jpg", "phone.jpg"]);
    for (const row of rows) expect(isNear(row.box, plain.box, 3)).toBe(true);
    for (const row of rows)
      expect(Math.abs(row.probabilities!["happy"]! - plain.probabilities!["happy"]!)).toBeLessThan(0.1);
  });

  it("16 bits a channel, transparency and a palette as the same picture without", async () => {
    writeFileSync(
      at("deep.png"),
      anyPng(photo, { depth: 16, type: 0, lines: linesOf(photo, (grey, i) => [grey, i & 255]) }),
    );
    const clear = linesOf(photo, (grey, i) => [grey, grey, grey, i % 256]);
    writeFileSync(at("clear.png"), anyPng(photo, { depth: 8, type: 6, lines: clear }));
    const { rows } = await see("deep.png", "clear.png");
    expect(rows).toEqual(["deep.png", "clear.png"].map((file) => Object.assign({}, plain, { file })));
  });

  it("the first frame of an animation, and says so", async () => {
    const empty: Picture = { ...photo, data: new Uint8Array(photo.data.length).fill(90) };
    writeFileSync(at("moving.gif"), animatedGif([photo, empty, empty]));
    const { rows, stderr, code } = await see("moving.gif");
    expect([code, rows.map(({ firstOf, faces = 1 }) => [firstOf, faces])]).toEqual([0, [[3, 1]]]);
    expect(isNear(rows[0]!.box, plain.box, 3)).toBe(true);
    expect(stderr).toContain("1 animation: the first frame was looked at, as a picture\n");
    expect((await warmFer(folder, "predict", "moving.gif", "--quiet")).stdout).toContain("; first of 3 frames");
  });

  it("a picture of one pixel, without relying on it", async () => {
    writeFileSync(at("dot.png"), encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(200) }));
    writeFileSync(at("line.png"), encodePng({ width: 3000, height: 1, channels: 1, data: new Uint8Array(3000) }));
    const { rows, code } = await see("dot.png", "line.png");
    expect([code, rows.map(({ doubt, faces }) => doubt ?? faces)]).toEqual([0, ["blank", 0]]);
  });

  it("a picture of 200 faces: a row each, in one table", async () => {
    const tile = resizeBilinear(await readPicture(join(EXAMPLES, "4/S010_006_00000015.png")), {
      width: 64,
      height: 64,
    });
    const crowd: Picture = { width: 20 * 70, height: 10 * 70, channels: 1, data: new Uint8Array(980_000).fill(110) };
    for (let i = 0; i < 200; i++) paste(tile, { into: crowd, x: 3 + 70 * (i % 20), y: 3 + 70 * Math.floor(i / 20) });
    writeFileSync(at("crowd.png"), encodePng(crowd));
    const { stdout } = await warmFer(folder, "predict", "crowd.png", "--smallest", "36", "--json");
    const cells = new Set(
      (JSON.parse(stdout) as Row[]).map(({ box }) => {
        const [x, y] = [box!.x + box!.width / 2, box!.y + box!.height / 2];
        return Math.floor(y / 70) * 20 + Math.floor(x / 70);
      }),
    );
    expect((JSON.parse(stdout) as Row[]).length).toBe(cells.size);
    expect(cells.size).toBeGreaterThan(190);
  });

  it("a mixed folder: what is no picture is counted, what cannot be read is listed with the reason", async () => {
    mkdirSync(at("mixed/deeper"), { recursive: true });
    const jpeg = await jpegOf(photo);
    writeFileSync(at("mixed/cut.jpg"), jpeg.subarray(0, Math.floor(jpeg.length / 2)));
    const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
    writeFileSync(at("mixed/phone.heic"), heic);
    writeFileSync(at("mixed/notes.txt"), "x");
    writeFileSync(
      at("mixed/bomb.png"),
      anyPng({ width: 30_000, height: 30_000 }, { depth: 8, type: 2, lines: Buffer.alloc(100) }),
    );
    writeFileSync(
      at("mixed/hollow.png"),
      anyPng({ width: 9000, height: 9000 }, { depth: 8, type: 2, lines: Buffer.alloc(100) }),
    );
    writeFileSync(at("mixed/page.png"), "<!doctype html>");
    writeFileSync(at("mixed/deeper/ok.png"), readFileSync(at("plain.png")));
    // links: to the folder itself, to nothing, in a circle
    symlinkSync("..", at("mixed/deeper/again"));
    symlinkSync("nowhere.png", at("mixed/dangling.png"));
    symlinkSync("circle.png", at("mixed/circle.png"));
    const { code, rows, stderr } = await see("mixed");
    expect(code).toBe(0);
    const found = Object.fromEntries(rows.map(({ file, problem, expression }) => [file, problem ?? expression]));
    expect(found).toEqual({
      "mixed/bomb.png": "30000 x 30000 pixels are more than the limit of 100 million",
      "mixed/cut.jpg": "it cannot be read (it is cut off: its end marker is missing)",
      "mixed/deeper/ok.png": plain.expression,
      "mixed/hollow.png": "it cannot be read (it has too little data for 243009000 bytes of pixels)",
      "mixed/page.png": "a web page, not an image",
      "mixed/phone.heic":
        "a HEIC picture, which no decoder here reads: convert it to JPEG or PNG (heif-convert, ImageMagick, Preview)",
    });
    expect(stderr).toContain("3 other files were left out\n");
    expect(stderr).toContain("5 of 6 pictures could not be decoded\n");
  });
});

describe("fer predict refuses", { timeout: 60_000 }, () => {
  it("addresses, circles of links, and drawing where its pictures lie, also behind a link", async () => {
    mkdirSync(at("own"));
    mkdirSync(at("links"));
    writeFileSync(at("own/photo.png"), readFileSync(at("plain.png")));
    symlinkSync("../own/photo.png", at("links/photo.png"));
    symlinkSync("round.png", at("round.png"));
    const before = readFileSync(at("own/photo.png"));
    const said = [];
    for (const words of [
      ["https://example.org/face.jpg"],
      ["round.png"],
      ["own/photo.png", "--draw", "own"],
      ["links/photo.png", "--draw", "own"],
      ["links", "--draw", "links"],
      // memory that is mounted as a folder is no camera: tests lie in /dev/shm where there is one
      [at("own/photo.png"), "--draw", "own"],
    ]) {
      const { code, stderr } = await warmFer(folder, "predict", ...words);
      said.push(`${code} ${stderr.split("\n").find((line) => line.startsWith("error"))}`);
    }
    const ontoItself = (folder: string): string =>
      `2 error: --draw: ${folder}, where pictures lie that are looked at. Expected another folder. Pass a new one, such as ${folder}/faces.`;
    expect(said).toEqual([
      "2 error: https://example.org/face.jpg: an address. Expected a file, a folder or a pattern. Download it first; nothing is fetched here.",
      "2 error: round.png: a link that leads in a circle.",
      ontoItself("own"),
      ontoItself("own"),
      ontoItself("links"),
      ontoItself("own"),
    ]);
    expect(readFileSync(at("own/photo.png")).equals(before)).toBe(true);
  });
});
