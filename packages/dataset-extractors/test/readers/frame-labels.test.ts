import { describe, expect, it } from "vitest";
import { parseFrameLabels } from "../../dist/readers/frame-labels.js";

const HEADER = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise";
const refusal = (text: string) => {
  try {
    return parseFrameLabels(text, "102.txt");
  } catch (error) {
    return (error as Error).message;
  }
};

describe("parseFrameLabels", () => {
  it("keeps a place for every frame, annotated or not", () => {
    const { classes, codes } = parseFrameLabels(`${HEADER},Other\n-1\n0\n-1\n7\n-1\n`, "102.txt");
    expect(classes).toHaveLength(8);
    expect(codes).toEqual([-1, 0, -1, 7, -1]);
  });

  it("reads CRLF, a byte order mark, and a file without frames", () => {
    expect(parseFrameLabels(`\uFEFF${HEADER}\r\n3\r\n6`, "102.txt")).toEqual({
      classes: HEADER.split(","),
      codes: [3, 6],
    });
    expect(parseFrameLabels(HEADER, "102.txt").codes).toEqual([]);
  });

  it("refuses a code without a class, a blank line inside and text", () => {
    expect([
      refusal(`${HEADER}\n0\n7\n`),
      refusal(`${HEADER}\n-2\n`),
      refusal(`${HEADER}\n0\n\n1\n`),
      refusal(`${HEADER}\n0.5,0.1\n`),
      refusal(`${HEADER}\n${"9".repeat(1_000_000)}`),
      refusal("version https://git-lfs.github.com/spec/v1"),
    ]).toMatchInlineSnapshot(`
      [
        "102.txt, line 3: "7". Expected an integer from -1 to 6, as the header has 7 classes.",
        "102.txt, line 2: "-2". Expected an integer from -1 to 6, as the header has 7 classes.",
        "102.txt, line 3: a blank line. Expected an integer from -1 to 6, as the header has 7 classes.",
        "102.txt, line 2: "0.5,0.1". Expected an integer from -1 to 6, as the header has 7 classes.",
        "102.txt, line 2: "9999999999999999999999999999999999999999...". Expected an integer from -1 to 6, as the header has 7 classes.",
        "102.txt: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner.",
      ]
    `);
  });
});
