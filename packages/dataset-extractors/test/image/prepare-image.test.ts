import { writeFileSync } from "node:fs";
import path from "node:path";
import { encodePng, fitSquare, prepareImage, preparePicture } from "@fer/dataset-extractors/image";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/tree.js";

/** 4 x 2 pixels. */
const wide = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80) };

describe("fitSquare", () => {
  it("stretches both sides on their own", () => {
    expect(fitSquare(wide, { size: 2, fit: "stretch" }).data).toEqual(Uint8Array.of(15, 35, 55, 75));
  });

  it("pads the shorter side with black on both ends", () => {
    expect([...fitSquare(wide, { size: 4, fit: "pad" }).data]).toEqual([
      0, 0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 0, 0, 0, 0,
    ]);
  });

  it("crops the centre square", () => {
    expect(fitSquare(wide, { size: 2, fit: "crop" }).data).toEqual(Uint8Array.of(20, 30, 60, 70));
    const tall = { ...wide, width: 2, height: 4 };
    expect(fitSquare(tall, { size: 2, fit: "crop" }).data).toEqual(Uint8Array.of(30, 40, 50, 60));
  });

  it("never shrinks a side to nothing", () => {
    const line = { width: 100, height: 1, channels: 1 as const, data: new Uint8Array(100).fill(9) };
    const padded = fitSquare(line, { size: 8, fit: "pad" }).data;
    expect([...padded].filter((value) => value === 9)).toHaveLength(8);
  });

  it.each(["stretch", "pad", "crop"] as const)("leaves a square of the right size alone (%s)", (fit) => {
    const square = { width: 2, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4) };
    expect(fitSquare(square, { size: 2, fit }).data).toEqual(square.data);
  });
});

describe("preparePicture", () => {
  const red = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };

  it("makes grey out of colour", () => {
    expect([...preparePicture(red, { size: 1, channels: 1, fit: "stretch" })]).toEqual([76]);
  });

  it("keeps colour, and repeats grey, where three channels are asked for", () => {
    expect([...preparePicture(red, { size: 1, channels: 3, fit: "stretch" })]).toEqual([255, 0, 0]);
    expect([...preparePicture(wide, { size: 2, channels: 3, fit: "crop" })]).toEqual([
      20, 20, 20, 30, 30, 30, 60, 60, 60, 70, 70, 70,
    ]);
  });

  it("stays in colour where a part of the picture is grey", () => {
    const data = Uint8Array.of(255, 0, 0, 7, 7, 7, 8, 8, 8, 255, 0, 0);
    const part = preparePicture({ width: 4, height: 1, channels: 3, data }, { size: 1, channels: 3, fit: "crop" });
    expect(part).toHaveLength(3);
  });
});

describe("prepareImage", () => {
  const settings = { size: 2, channels: 1, fit: "crop" } as const;
  const expected = [20, 30, 60, 70];

  it("takes a path, bytes or a picture", async () => {
    const bytes = encodePng(wide);
    const file = path.join(temporaryFolder(), "wide.png");
    writeFileSync(file, bytes);
    for (const image of [wide, bytes, new Uint8Array(bytes), file]) {
      expect([...(await prepareImage(image, settings))]).toEqual(expected);
    }
  });

  it.each(["jimp", "sharp"] as const)("says what is wrong with a picture (%s)", async (decoder) => {
    const refused = (image: string | Uint8Array) =>
      prepareImage(image, { ...settings, decoder }).catch((error: Error) => error.message);
    expect(await refused("/nowhere/face.png")).toMatchInlineSnapshot(
      `"/nowhere/face.png: the file is missing. Expected a whole picture that can be decoded."`,
    );
    expect(await refused(Buffer.from("<html>"))).toMatchInlineSnapshot(
      `"picture: a web page, not an image. Expected a whole picture that can be decoded."`,
    );
    expect(await refused(encodePng(wide).subarray(0, 60))).toMatchInlineSnapshot(
      `"picture: it cannot be read (it is cut off). Expected a whole picture that can be decoded."`,
    );
  });
});
