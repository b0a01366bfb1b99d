/** Grey and resize against OpenCV; golden/make-opencv-golden.py makes the golden and states how. */
import { readFileSync } from "node:fs";
import { type Picture, resizeBilinear, toGrey } from "@fer/dataset-extractors/image";
import { describe, expect, it } from "vitest";

interface Case {
  kind: "noise" | "ramp";
  seed: number;
  height: number;
  width: number;
  channels: 1 | 3;
  /** `[width, height]`, or `null` for grey alone. */
  size: [number, number] | null;
  grey: boolean;
  length: number;
}

const golden = new URL("../golden/", import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL("opencv-golden.json", golden), "utf8")) as { cases: Case[] };
const pixels = readFileSync(new URL("opencv-golden.bin", golden));

describe("against OpenCV's cvtColor and resize", () => {
  const differences = { numbers: 0, off: 0, largest: 0 };
  let at = 0;
  for (const test of cases) {
    const wanted = pixels.subarray(at, at + test.length);
    at += test.length;
    const { width, height, channels, size } = test;
    it(`${test.kind} ${width}x${height}x${channels} ${test.grey ? "grey " : ""}to ${size?.join("x") ?? "same size"}`, () => {
      const source: Picture = { width, height, channels, data: test.kind === "noise" ? noise(test) : ramp(test) };
      const grey: Picture = test.grey ? toGrey(source) : source;
      const { data } = size === null ? grey : resizeBilinear(grey, { width: size[0], height: size[1] });
      expect(data.length).toBe(test.length);
      let largest = 0;
      for (const [i, value] of data.entries()) {
        const difference = Math.abs(value - wanted[i]!);
        if (difference > 0) differences.off += 1;
        largest = Math.max(largest, difference);
      }
      differences.numbers += data.length;
      differences.largest = Math.max(differences.largest, largest);
      expect(largest).toBeLessThanOrEqual(1);
    });
  }

  it("covers the whole golden, and no number is off by a grey level", () => {
    expect(at).toBe(pixels.length);
    expect(differences).toEqual({ numbers: pixels.length, off: 0, largest: 0 });
  });
});

function noise({ seed, height, width, channels }: Case): Uint8Array {
  const data = new Uint8Array(height * width * channels);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state >>> 24;
  }
  return data;
}

function ramp({ height, width, channels }: Case): Uint8Array {
  const data = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) data[at++] = (x * 5 + y * 3 + c * 40) & 0xff;
    }
  }
  return data;
}
