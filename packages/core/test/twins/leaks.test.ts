import { findLeaks, type LeakSample } from "@fer/core";
import { describe, expect, it } from "vitest";

let hashes = 0;
/** A sample with pixels and difference hash of its own. */
function sample(parts: LeakSample["parts"], over: Partial<LeakSample> = {}): LeakSample {
  hashes += 1;
  const spread = Math.imul(hashes, 0x9e3779b1) >>> 0;
  const hex = spread.toString(16).padStart(8, "0");
  return {
    label: 0,
    group: null,
    pixelHash: `pixels ${hashes}`,
    dhash: hex + [...hex].toReversed().join(""),
    parts,
    ...over,
  };
}

describe("findLeaks", () => {
  it("finds nothing in samples that have nothing in common", () => {
    const list = Array.from({ length: 50 }, (_, i) => sample([i % 5 === 0 ? "test" : "train"]));
    expect(findLeaks(list)).toEqual({ exact: 0, near: 0, groups: 0, conflicts: 0 });
  });

  it("counts samples of val and test whose pixels are in train", () => {
    const list = [
      sample(["train"], { pixelHash: "a" }),
      sample(["train"], { pixelHash: "a" }),
      sample(["test"], { pixelHash: "a" }),
      sample(["val"], { pixelHash: "a" }),
      sample(["test"], { pixelHash: "b" }),
      sample(["val"], { pixelHash: "b" }),
    ];
    expect(findLeaks(list).exact).toBe(2);
  });

  it("counts samples whose difference hash is at most 2 bits from one in train, whatever the bits", () => {
    for (let a = 0; a < 64; a++) {
      const far = (bits: number[]): string =>
        bits
          .reduce((hash, bit) => hash ^ (1n << BigInt(bit)), 0x0123456789abcdefn)
          .toString(16)
          .padStart(16, "0");
      const two = [a, (a + 17) % 64];
      const near = (dhash: string): number | null =>
        findLeaks([sample(["train"], { dhash: "0123456789abcdef" }), sample(["test"], { dhash })]).near;
      expect([near(far(two)), near(far([...two, (a + 40) % 64]))]).toEqual([1, 0]);
    }
  });

  it("counts an exact twin as exact only", () => {
    const twin = { pixelHash: "a", dhash: "0123456789abcdef" };
    expect(findLeaks([sample(["train"], twin), sample(["test"], twin)])).toMatchObject({ exact: 1, near: 0 });
  });

  it("counts groups in more than one part, and does not take full for one", () => {
    const list = [
      sample(["train", "full"], { group: "a" }),
      sample(["test", "full"], { group: "a" }),
      sample(["train", "full"], { group: "b" }),
      sample(["train", "full"], { group: "b" }),
      sample(["val"], { group: "c" }),
      sample(["test"], { group: "c" }),
      sample(["test"]),
    ];
    expect(findLeaks(list).groups).toBe(2);
  });

  it("counts samples whose pixels are there under another label", () => {
    const list = [
      sample(["train"], { pixelHash: "a", label: 1 }),
      sample(["train"], { pixelHash: "a", label: 1 }),
      sample(["train"], { pixelHash: "a", label: 2 }),
      sample(["train"], { pixelHash: "b", label: 3 }),
      sample(["train"], { pixelHash: "b", label: 3 }),
    ];
    expect(findLeaks(list).conflicts).toBe(3);
  });
});
