import { describe, expect, it } from "vitest";
import { parseSidecar, sidecarObject } from "../../dist/files/json.js";

const refusal = (text: string) => {
  try {
    return parseSidecar(text, "12.json");
  } catch (error) {
    return (error as Error).message;
  }
};

describe("parseSidecar", () => {
  it("treats case, hyphens and underscores of keys alike, nested ones too", () => {
    const sidecar = parseSidecar('\uFEFF{"Human_Label": 1, "meta-data": {"AGE": 31}}', "12.json");
    expect(sidecar.get("human-label")).toBe(1);
    expect(sidecarObject(sidecar.get("meta-data"))?.get("age")).toBe(31);
    expect(sidecarObject(null)).toBeNull();
    expect(sidecarObject([1])).toBeNull();
  });

  it("refuses what is no JSON object", () => {
    expect([
      refusal(""),
      refusal('{"human-label": 1'),
      refusal("[1]"),
      refusal("7"),
      refusal("version https://git-lfs.github.com/spec/v1"),
    ]).toMatchInlineSnapshot(`
      [
        "12.json: an empty file. Expected a JSON object. The file may be cut off: download it again.",
        "12.json: text that is not JSON. Expected a JSON object. The file may be cut off: download it again.",
        "12.json: JSON of another kind (array). Expected a JSON object. The file may be cut off: download it again.",
        "12.json: JSON of another kind (number). Expected a JSON object. The file may be cut off: download it again.",
        "12.json: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner.",
      ]
    `);
  });
});
