import { describe, expect, it } from "vitest";
import { parsePixelCell } from "../../dist/readers/pixel-table.js";

describe("parsePixelCell", () => {
  it("reads integers 0..255 with any blanks between them", () => {
    expect(parsePixelCell("0 255 7", 3)).toEqual(Uint8Array.of(0, 255, 7));
    expect(parsePixelCell(" 0  255\t007 ", 3)).toEqual(Uint8Array.of(0, 255, 7));
  });

  it("says what is wrong with a cell", () => {
    expect(
      ["1 2", "1 2 3 4", "1 256 3", "1 -2 3", "1 2.5 3", "1 x 3", "", "NaN"].map((cell) => parsePixelCell(cell, 3)),
    ).toMatchInlineSnapshot(`
        [
          "2 values instead of 3",
          "4 values instead of 3",
          "a value above 255 (value 2)",
          ""-" among the pixels (value 2)",
          ""." among the pixels (value 2)",
          ""x" among the pixels (value 2)",
          "0 values instead of 3",
          ""N" among the pixels (value 1)",
        ]
      `);
  });
});
