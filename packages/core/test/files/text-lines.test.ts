import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileLines, textLines } from "../../dist/files/text-lines.js";
import { collect } from "../../../dataset-extractors/test/fixtures/collect.js";

const lines = async (...pieces: (string | Uint8Array)[]) =>
  collect(textLines(pieces, "labels.txt"), ({ line, text }) => `${line}:${text}`);

describe("textLines", () => {
  it("reads LF and CRLF alike and needs no newline at the end", async () => {
    expect(await lines("a\nb\r\nc")).toEqual(["1:a", "2:b", "3:c"]);
    expect(await lines("a\r\nb\r\n")).toEqual(["1:a", "2:b"]);
    expect(await lines("")).toEqual([]);
  });

  it("keeps blank lines, since they count in some formats", async () => {
    expect(await lines("a\n\nb\n\n")).toEqual(["1:a", "2:", "3:b", "4:"]);
  });

  it("strips a byte order mark", async () => {
    expect(await lines(Buffer.from("\uFEFFemotion,pixels\n"))).toEqual(["1:emotion,pixels"]);
  });

  it("joins lines and characters that are cut between two pieces", async () => {
    const bytes = Buffer.from("Zoë.jpg 1\r\nx");
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await lines(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(["1:Zoë.jpg 1", "2:x"]);
    }
  });

  it("reads a line of 1 MB", async () => {
    const long = "7 ".repeat(500_000);
    expect(await lines(`${long}\nend`)).toEqual([`1:${long}`, "2:end"]);
  });

  it("refuses a Git LFS pointer", async () => {
    await expect(
      lines("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: labels.txt: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner.]`,
    );
  });

  it("refuses UTF-16 and binary content", async () => {
    await expect(lines(Buffer.from("\uFEFFa,b", "utf16le"))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: labels.txt: UTF-16 text. Expected UTF-8 or ASCII text. Use the file as the owner ships it, or save it again as UTF-8.]`,
    );
    await expect(lines("GIF89a\0\0\n")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: labels.txt: binary content. Expected UTF-8 or ASCII text. Use the file as the owner ships it, or save it again as UTF-8.]`,
    );
  });
});

describe("fileLines", () => {
  it("reads a file, and says what is wrong where there is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fer-lines-"));
    try {
      await writeFile(join(folder, "a.txt"), "x\ny");
      expect(await collect(fileLines(join(folder, "a.txt")), ({ text }) => text)).toEqual(["x", "y"]);
      await expect(
        collect(fileLines(join(folder, "b.txt"), { file: "b.txt" })),
      ).rejects.toThrowErrorMatchingInlineSnapshot(
        `[FormatError: b.txt: the file cannot be read (ENOENT). Expected a readable file. Check that the path is right.]`,
      );
      await expect(collect(fileLines(folder, { file: "folder" }))).rejects.toThrowErrorMatchingInlineSnapshot(
        `[FormatError: folder: the file cannot be read (EISDIR). Expected a readable file. Check that the path is right.]`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
