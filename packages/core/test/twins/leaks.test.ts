import { findLeaks, type LeakSample } from "@fer/core";
import { describe, expect, it } from "vitest";

let pictures = 1000;
/** A sample with pixels of its own, of a photo of its own. */
function sample(parts: LeakSample["parts"], over: Partial<LeakSample> = {}): LeakSample {
  pictures += 1;
  return {
    label: 0,
    group: null,
    pixels: pictures,
    photo: pictures,
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
      sample(["train"], { pixels: 1 }),
      sample(["train"], { pixels: 1 }),
      sample(["test"], { pixels: 1 }),
      sample(["val"], { pixels: 1 }),
      sample(["test"], { pixels: 2 }),
      sample(["val"], { pixels: 2 }),
    ];
    expect(findLeaks(list).exact).toBe(2);
  });

  it("counts samples of val and test that show a photo which is in train", () => {
    const list = [
      sample(["train"], { photo: 1 }),
      sample(["train"], { photo: 1 }),
      sample(["val"], { photo: 1 }),
      sample(["test"], { photo: 1 }),
      sample(["val"], { photo: 2 }),
      sample(["test"], { photo: 2 }),
    ];
    expect(findLeaks(list)).toMatchObject({ exact: 0, near: 2 });
  });

  it("counts an exact twin as exact only", () => {
    const twin = { pixels: 1, photo: 1 };
    expect(findLeaks([sample(["train"], twin), sample(["test"], twin)])).toMatchObject({ exact: 1, near: 0 });
  });

  it("does not say 0 where near ones were not looked for", () => {
    expect(findLeaks([sample(["train"], { photo: null }), sample(["test"], { photo: null })]).near).toBeNull();
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
      sample(["train"], { pixels: 1, label: 1 }),
      sample(["train"], { pixels: 1, label: 1 }),
      sample(["train"], { pixels: 1, label: 2 }),
      sample(["train"], { pixels: 2, label: 3 }),
      sample(["train"], { pixels: 2, label: 3 }),
    ];
    expect(findLeaks(list).conflicts).toBe(3);
  });
});
