import { faceLikeness, keyedRandom } from "@fer/core";
import { describe, expect, it } from "vitest";

const square = (size: number, value: (x: number, y: number) => number) => ({
  size,
  data: Uint8Array.from({ length: size * size }, (_, i) => value(i % size, Math.floor(i / size))),
});

describe("faceLikeness", () => {
  it.each([0, 12, 128, 255])("calls a picture of one tone (%i) blank", (tone) => {
    expect(faceLikeness(square(48, () => tone))).toMatchObject({
      looksLikeFace: false,
      reason: "blank",
      explanation: "the picture is blank",
    });
  });

  it("calls noise noise, at any size", () => {
    for (const size of [8, 48, 224]) {
      const found = Array.from({ length: 100 }, (_, seed) => {
        const next = keyedRandom(seed, "noise");
        return faceLikeness(square(size, () => next() * 256)).reason;
      });
      expect(found.filter((reason) => reason === "noise").length).toBeGreaterThanOrEqual(95);
    }
  });

  it("says how sure it is, and nothing of the order of brightness", () => {
    const { contrast, smoothness, score } = faceLikeness(square(48, (x, y) => 2 * x + y));
    expect([contrast, smoothness].map((value) => Number(value.toFixed(2)))).toEqual([30.98, 1]);
    expect(Number.isFinite(score)).toBe(true);
    // a picture that is darker or flatter is judged the same
    const darker = faceLikeness(square(48, (x, y) => x + y / 2));
    expect(darker.score).toBeCloseTo(score, 1);
  });

  it("judges RGB by its grey levels", () => {
    const grey = square(48, (x, y) => 2 * x + y);
    const rgb = {
      size: 48,
      channels: 3 as const,
      data: Uint8Array.from({ length: 6912 }, (_, i) => grey.data[Math.floor(i / 3)]!),
    };
    const [one, other] = [faceLikeness(grey), faceLikeness(rgb)];
    expect(other.reason).toBe(one.reason);
    expect(other.score).toBeCloseTo(one.score, 10);
    const green = {
      size: 48,
      channels: 3 as const,
      data: Uint8Array.from({ length: 6912 }, (_, i) => (i % 3 === 1 ? 200 : 0)),
    };
    expect(faceLikeness(green).reason).toBe("blank");
  });
});
