import { createHash } from "node:crypto";
import { dhash } from "@fer/core";
import { clipBox, crop } from "@fer/core/pixels";
import { encodePng, loadDecoder, pixelHash, readHeader } from "@fer/dataset-extractors/image";
import type { ImageHeader } from "@fer/dataset-extractors/image";
import { describe, expect, test } from "vitest";
import { turnUpright } from "../../dist/image/orientation.js";
import { picture } from "../fixtures/images.js";

describe("encodePng", () => {
  test.each([
    [1, 1, 1],
    [7, 3, 1],
    [48, 48, 1],
    [5, 9, 3],
  ] as const)("of %i x %i x %i is read back the same by both decoders", async (width, height, channels) => {
    const original = picture(width, width, height, channels);
    const bytes = encodePng(original);
    for (const name of ["jimp", "sharp"] as const) {
      const { data, ...size } = await (await loadDecoder(name))(bytes, readHeader(bytes) as ImageHeader);
      expect({ ...size, data: [...data] }).toEqual({ width, height, channels, data: [...original.data] });
    }
  });
});

const greyPicture = (data: Uint8Array, width: number, height: number) =>
  ({ width, height, channels: 1, data }) as const;

/** Bits of 64 in which two difference hashes differ. */
const differentBits = (a: string, b: string) =>
  (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll("0", "").length;

describe("hashes", () => {
  test("the pixel hash covers width, height and pixels", () => {
    const grey = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const digest = createHash("sha256")
      .update(Buffer.from([3, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6]))
      .digest("hex");
    expect(pixelHash(greyPicture(grey, 3, 2))).toBe(digest);
    expect(pixelHash(greyPicture(grey, 2, 3))).not.toBe(digest);
  });

  test("the difference hash reads rows left to right: falling brightness is ones", () => {
    const slope = (sign: number) => Uint8Array.from({ length: 90 * 80 }, (_, i) => 128 + sign * (i % 90));
    expect(dhash(greyPicture(slope(-1), 90, 80))).toBe("ffffffffffffffff");
    expect(dhash(greyPicture(slope(1), 90, 80))).toBe("0000000000000000");
    expect(dhash(greyPicture(Uint8Array.of(7), 1, 1))).toBe("0000000000000000");
  });

  test("a brighter and a slightly noisy copy stay near, another picture is far", () => {
    const smooth = Uint8Array.from(
      { length: 64 * 64 },
      (_, i) => 100 + 60 * Math.sin(i / 640) * Math.cos((i % 64) / 9),
    );
    const noisy = smooth.map((value, i) => value + 20 + (i % 3));
    const other = smooth.toReversed();
    const hash = (grey: Uint8Array) => dhash(greyPicture(grey, 64, 64));
    expect(differentBits(hash(smooth), hash(noisy))).toBeLessThanOrEqual(4);
    expect(differentBits(hash(smooth), hash(other))).toBeGreaterThan(16);
  });
});

describe("crop", () => {
  const size = { width: 30, height: 20 };

  test("takes rows y to y + height and columns x to x + width", () => {
    const { data } = crop(
      { ...size, channels: 1, data: Uint8Array.from({ length: 600 }, (_, i) => i % 251) },
      { x: 4, y: 2, width: 3, height: 2 },
    );
    expect([...data]).toEqual([64, 65, 66, 94, 95, 96]);
  });

  test("rounds fractional boxes, grows them by the margin, and clips them to the picture", () => {
    expect(clipBox({ x: 1.4, y: 2.6, width: 10, height: 5 }, size)).toEqual({
      box: { x: 1, y: 3, width: 10, height: 5 },
      clipped: false,
    });
    expect(clipBox({ x: 10, y: 10, width: 10, height: 5 }, { ...size, margin: 0.2 })).toEqual({
      box: { x: 8, y: 9, width: 14, height: 7 },
      clipped: false,
    });
    expect(clipBox({ x: -5, y: 15, width: 10, height: 10 }, size)).toEqual({
      box: { x: 0, y: 15, width: 5, height: 5 },
      clipped: true,
    });
  });

  test("refuses boxes without area inside", () => {
    for (const box of [
      { x: 30, y: 0, width: 5, height: 5 },
      { x: 0, y: 0, width: 0, height: 5 },
      { x: 0, y: 0, width: -3, height: 5 },
      { x: Number.NaN, y: 0, width: 5, height: 5 },
      { x: 0, y: 0, width: Infinity, height: 5 },
    ]) {
      expect(clipBox(box, size)).toBeUndefined();
    }
  });
});

describe("turnUpright", () => {
  // Exif 2.32: which corner of the scene the first stored pixel is
  test.each([
    [1, "abc/def"],
    [2, "cba/fed"],
    [3, "fed/cba"],
    [4, "def/abc"],
    [5, "ad/be/cf"],
    [6, "da/eb/fc"],
    [7, "fc/eb/da"],
    [8, "cf/be/ad"],
  ])("orientation %i", (orientation, rows) => {
    const stored = { width: 3, height: 2, channels: 1, data: Uint8Array.from(Buffer.from("abcdef")) } as const;
    const { width, data } = turnUpright(stored, orientation);
    const text = Buffer.from(data).toString();
    expect(text.match(new RegExp(`.{${width}}`, "g"))!.join("/")).toBe(rows);
  });
});
