import { fitSquare, prepareImage } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";

/** 4 x 2 pixels. */
const wide = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80) };

describe("fitSquare", () => {
  it("stretches both sides on their own", () => {
    expect(fitSquare(wide, 2, "stretch").data).toEqual(Uint8Array.of(15, 35, 55, 75));
  });

  it("pads the shorter side with black on both ends", () => {
    expect([...fitSquare(wide, 4, "pad").data]).toEqual([0, 0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 0, 0, 0, 0]);
  });

  it("crops the centre square", () => {
    expect(fitSquare(wide, 2, "crop").data).toEqual(Uint8Array.of(20, 30, 60, 70));
    const tall = { ...wide, width: 2, height: 4 };
    expect(fitSquare(tall, 2, "crop").data).toEqual(Uint8Array.of(30, 40, 50, 60));
  });

  it("never shrinks a side to nothing", () => {
    const line = { width: 100, height: 1, channels: 1 as const, data: new Uint8Array(100).fill(9) };
    const padded = fitSquare(line, 8, "pad").data;
    expect([...padded].filter((value) => value === 9)).toHaveLength(8);
  });

  it.each(["stretch", "pad", "crop"] as const)("leaves a square of the right size alone (%s)", (fit) => {
    const square = { width: 2, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4) };
    expect(fitSquare(square, 2, fit).data).toEqual(square.data);
  });
});

describe("prepareImage", () => {
  const red = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };

  it("makes grey out of colour", () => {
    expect([...prepareImage(red, { size: 1, channels: 1, fit: "stretch" })]).toEqual([76]);
  });

  it("keeps colour, and repeats grey, where three channels are asked for", () => {
    expect([...prepareImage(red, { size: 1, channels: 3, fit: "stretch" })]).toEqual([255, 0, 0]);
    expect([...prepareImage(wide, { size: 2, channels: 3, fit: "crop" })]).toEqual([
      20, 20, 20, 30, 30, 30, 60, 60, 60, 70, 70, 70,
    ]);
  });
});
