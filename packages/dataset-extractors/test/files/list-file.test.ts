import { describe, expect, it } from "vitest";
import { listRows } from "../../dist/files/list-file.js";
import { textLines } from "@fer/core";
import { collect } from "../fixtures/collect.js";

const rows = (text: string, fields: number) => collect(listRows(textLines([text], "l.lst"), { file: "l.lst", fields }));

describe("listRows", () => {
  it("reads name and fields, the last line without a newline too", async () => {
    expect(await rows("train_00001.jpg 5\ntrain_00002.jpg  4 \r\n\ntest_0001.jpg 7", 1)).toEqual([
      { line: 1, name: "train_00001.jpg", fields: ["5"] },
      { line: 2, name: "train_00002.jpg", fields: ["4"] },
      { line: 4, name: "test_0001.jpg", fields: ["7"] },
    ]);
  });

  it("keeps blanks inside a name", async () => {
    expect(await rows("5 a  b 5.jpg 5 55\n", 2)).toEqual([{ line: 1, name: "5 a  b 5.jpg", fields: ["5", "55"] }]);
  });

  it("refuses a row that is cut off", async () => {
    await expect(rows("a.jpg 1 2\nb.jpg 1", 2)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: l.lst, line 2: 2 fields. Expected 3, separated by blanks. The file may be cut off: download it again.]`,
    );
  });
});
