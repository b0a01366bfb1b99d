import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { takeLock } from "@fer/core/artifact";
import { extract } from "@fer/dataset-extractors";
import { afterEach, describe, expect, test } from "vitest";
import { openArchive } from "../dist/archive/archive.js";
import { tar, tarGz, zip } from "./fixtures/archives.js";
import { png } from "./fixtures/images.js";
import { digests, nextFileTime, temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

const faces: Tree = { "faces/happy/a.png": png(1), "faces/sad/b.png": png(2), "faces/notes.txt": "" };

/** A folder with `from` and a cache of its own. */
function places(tree: Tree): string {
  const dir = temporaryFolder();
  process.env.FER_CACHE = path.join(dir, "cache");
  mkdirSync(path.join(dir, "from"));
  writeTree(path.join(dir, "from"), tree);
  return dir;
}

afterEach(() => {
  delete process.env.FER_CACHE;
});

/** Owner of a lock, of a process that has ended. */
function deadOwner(): object {
  const folder = mkdtempSync(path.join(tmpdir(), "fer-lock-"));
  const script = `import { takeLock } from "@fer/core/artifact";
    await takeLock(${JSON.stringify(folder)}, { subject: "s", target: "t" });
    process.kill(process.pid, "SIGKILL");`;
  try {
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
      stdio: "ignore",
    });
  } catch {
    // killed, as it was meant to be
  }
  const [, owner] = readFileSync(path.join(folder, "lock-1"), "utf8").split("\n");
  rmSync(folder, { recursive: true });
  return JSON.parse(owner!) as object;
}

const run = (dir: string, from: string, to = "to", adapter = "folders") =>
  extract({ adapter, from: path.join(dir, from), to: path.join(dir, to), workers: 1 });

const refusal = (tree: Tree) => {
  const dir = places(tree);
  return openArchive(path.join(dir, "from", Object.keys(tree)[0]!)).then(
    () => "nothing was refused",
    (error: Error) => {
      expect(readdirSync(path.join(dir, "cache/archives"))).toEqual([]);
      return error.message;
    },
  );
};

describe("archives", () => {
  test.each(["faces.zip", "faces.tar", "faces.tar.gz", "faces.tgz"])(
    "%s gives the bytes that its folder gives",
    async (name) => {
      const pack = name.endsWith("zip") ? zip : name.endsWith("tar") ? tar : tarGz;
      const dir = places({
        [`packed/${name}`]: pack(faces),
        ...Object.fromEntries(Object.entries(faces).map(([k, v]) => [`plain/faces/${k}`, v])),
      });
      const { info } = await run(dir, `from/packed/${name}`);
      await run(dir, "from/plain/faces", "plain");
      expect(info.counts).toEqual({ all: { happy: 1, sad: 1 } });
      expect(digests(path.join(dir, "to"))).toEqual(digests(path.join(dir, "plain")));
      expect(readdirSync(path.join(dir, "from/packed"))).toEqual([name]);
    },
  );

  test("with content that is not what was packed are refused", async () => {
    const bytes = zip(faces);
    const entry = bytes.indexOf(Buffer.from("PK\u0001\u0002", "latin1"));
    bytes[entry + 16]! ^= 1;
    expect(await refusal({ "faces.zip": bytes })).toMatchInlineSnapshot(
      `"faces.zip: it cannot be unpacked (the checksum of "faces/happy/a.png" is wrong). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
  });

  test("are unpacked once", async () => {
    const dir = places({ "faces.zip": zip(faces) });
    await openArchive(path.join(dir, "from/faces.zip"));
    const before = readdirSync(path.join(dir, "cache/archives"));
    const { root } = await openArchive(path.join(dir, "from/faces.zip"));
    expect(readdirSync(path.join(dir, "cache/archives"))).toEqual(before);
    expect(path.relative(dir, root)).toBe(path.join("cache/archives", before[0]!, "content"));
    await nextFileTime();
    expect((await run(dir, "from/faces.zip")).status).toBe("written");
    expect((await run(dir, "from/faces.zip")).status).toBe("unchanged");
  });

  test("that were left half unpacked are unpacked again", async () => {
    const dir = places({ "faces.zip": zip(faces) });
    const { root } = await openArchive(path.join(dir, "from/faces.zip"));
    const home = path.dirname(root);
    // as a killed process leaves it: content without the mark of completeness
    rmSync(path.join(home, "complete"));
    rmSync(path.join(root, "faces/happy"), { recursive: true });
    expect((await openArchive(path.join(dir, "from/faces.zip"))).images()).toEqual([
      "faces/happy/a.png",
      "faces/sad/b.png",
    ]);
  });

  test("in an archive, and several in a folder, are read as the folders they hold", async () => {
    const sequence = "S005/001/S005_001_00000002";
    const dir = places({
      "Images.zip": zip({ "inner.tar.gz": tarGz({ [`cohn-kanade-images/${sequence}.png`]: png(3) }) }),
      "Emotion_labels.zip": zip({ [`Emotion/${sequence}_emotion.txt`]: "   5.0000000e+00\n" }),
    });
    const { info } = await run(dir, "from", "to", "ckplus");
    expect(info).toMatchObject({ form: "official", counts: { all: { happy: 1 } } });
  });

  test("with entries that lead out are refused, and write nothing outside", async () => {
    expect(await refusal({ "a.zip": zip({ "../evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.zip: an entry leads out of it (invalid relative path: ../evil.txt). Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar": tar({ "b/../../evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.tar: the entry "b/../../evil.txt" leads out of it. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar": tar({ "/tmp/fer-evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.tar: the entry "/tmp/fer-evil.txt" leads out of it. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(existsSync("/tmp/fer-evil.txt")).toBe(false);
  });

  test("with links are refused", async () => {
    expect(await refusal({ "a.zip": zip({ link: "/etc/passwd" }, { mode: 0o120777 }) })).toMatchInlineSnapshot(
      `"a.zip: "link" is a link. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar.gz": tarGz({ link: "/etc/passwd" }, "2") })).toMatchInlineSnapshot(
      `"a.tar.gz: "link" is a SymbolicLink, not a file. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("with a password are refused by name", async () => {
    expect(await refusal({ "a.zip": zip({ "a.png": png(1) }, { flags: 1 }) })).toMatchInlineSnapshot(
      `"a.zip: "a.png" is locked by a password. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("that are bombs are refused before they go off", async () => {
    const zeros = Buffer.alloc(70 << 20);
    expect(await refusal({ "bomb.zip": zip({ "zeros.csv": zeros }) })).toMatchInlineSnapshot(
      `"bomb.zip: its content is more than 100 times as large as itself. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "bomb.tgz": tarGz({ "zeros.csv": zeros }) })).toMatchInlineSnapshot(
      `"bomb.tgz: its content is more than 100 times as large as itself. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    const nested = (depth: number): Buffer => zip({ [`${depth}.zip`]: depth === 0 ? zip(faces) : nested(depth - 1) });
    expect(await refusal({ "deep.zip": nested(3) })).toMatchInlineSnapshot(
      `"2.zip: archives in archives, more than 3 deep. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("that are cut off or something else are refused", async () => {
    const whole = zip(faces);
    expect(await refusal({ "cut.zip": whole.subarray(0, whole.length - 40) })).toMatchInlineSnapshot(
      `"cut.zip: it cannot be unpacked (End of central directory record signature not found. Either not a zip file, or file is truncated.). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
    expect(await refusal({ "cut.tgz": tarGz(faces).subarray(0, 200) })).toMatchInlineSnapshot(
      `"cut.tgz: it cannot be unpacked (unexpected end of file). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
    expect(await refusal({ "page.zip": "<html>Please log in" })).toMatchInlineSnapshot(
      `"page.zip: it is a web page, whatever its name says. Expected a whole zip, tar or tar.gz archive. The download was answered by a page, perhaps one that asks for a login: download it in the browser."`,
    );
  });
});

const ENDING = { zip, tar, "tar.gz": tarGz } as const;

describe.each(Object.entries(ENDING))("%s archives", (ending, pack) => {
  test.each([
    ["one name twice", ["happy/a.png", "happy/a.png"], 'the entry "happy/a.png" comes twice'],
    [
      "names that differ by case",
      ["happy/a.png", "happy/A.PNG"],
      'the entries "happy/a.png" and "happy/A.PNG" are one file where names are compared without regard to case or the spelling of accents',
    ],
    [
      "names whose accents are spelled otherwise",
      ["happy/\u00e9.png", "happy/e\u0301.png"],
      'the entries "happy/\u00e9.png" and "happy/e\u0301.png" are one file where names are compared without regard to case or the spelling of accents',
    ],
    ["one name written in two ways", ["happy/a.png", "./happy/a.png"], "are one file"],
    ["a file and a folder of one name", ["happy/a.png", "happy/a.png/b.png"], '"happy/a.png" is a file and a folder'],
    ["a folder and a file of one name", ["happy/a.png/c/b.png", "happy/a.png"], '"happy/a.png" is a file and a folder'],
  ])("with %s are refused", async (_, names, found) => {
    const entries = names.map((name, seed) => [name, png(seed)] as const);
    expect(await refusal({ [`a.${ending}`]: pack(entries) })).toContain(found);
  });

  test("with folders that differ by case are unpacked as they are", async () => {
    const dir = places({ [`a.${ending}`]: pack({ "Happy/a.png": png(1), "happy/b.png": png(2) }) });
    const folder = await openArchive(path.join(dir, `from/a.${ending}`));
    expect([...folder.files].sort()).toEqual(["Happy/a.png", "happy/b.png"]);
  });

  test("say how far they are, and are stopped by a signal", async () => {
    const dir = places({ [`a.${ending}`]: pack(faces) });
    const file = path.join(dir, `from/a.${ending}`);
    const done: number[] = [];
    await expect(openArchive(file, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    await openArchive(file, { onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([1, 2, 3]);
  });
});

describe("an archive", () => {
  test("that is cut between two entries is refused, packed or not", async () => {
    const whole = tar(faces);
    const cut = whole.subarray(0, whole.length - 1024);
    const found = "it ends without the mark that ends every tar archive: it was cut off";
    expect(await refusal({ "a.tar": cut })).toContain(found);
    expect(await refusal({ "a.tgz": gzipSync(cut) })).toContain(found);
    expect(await refusal({ "a.tar": cut.subarray(0, cut.length - 600) })).toContain("Truncated input");
  });

  test("that is whole and arrives in one piece is never taken for a cut one", async () => {
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`happy/${i}.png`, png(i, 24, 24)]));
    for (let round = 0; round < 25; round++) {
      const dir = places({ "a.tar.gz": tarGz(many), "a.tar": tar(many) });
      for (const name of ["a.tar.gz", "a.tar"])
        expect((await openArchive(path.join(dir, "from", name))).images()).toHaveLength(14);
    }
  });

  test("that is no archive is called what it is", async () => {
    expect(await refusal({ "a.zip": "<!DOCTYPE html><html>sign in</html>" })).toMatch(/it is a web page/);
    expect(await refusal({ "a.zip": "" })).toMatch(/the file is empty/);
    expect(await refusal({ "a.tar": "version https://git-lfs.github.com/spec/v1\n" })).toMatch(/Git LFS/);
    const inner = zip({ "happy/a.png": png(1) });
    expect(
      await refusal({
        "a.zip": zip([
          ["faces/happy/a.png", png(1)],
          ["faces.zip", inner],
        ]),
      }),
    ).toMatch(/holds "faces\.zip" beside "faces", which may be its content/);
  });

  test("is told by its content, whatever its name says", async () => {
    const dir = places({ "a.tar": tarGz(faces), "b.tgz": tar(faces), "c.tar": zip(faces) });
    for (const name of ["a.tar", "b.tgz", "c.tar"]) {
      expect((await openArchive(path.join(dir, "from", name))).images()).toHaveLength(2);
    }
    const begins = (hex: string) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(600)]);
    expect(await refusal({ "a.tar.gz": begins("fd377a585a00") })).toMatchInlineSnapshot(
      `"a.tar.gz: it is an xz archive, whatever its name says. Expected a zip, tar or tar.gz archive. Unpack it yourself ("tar xf a.tar.gz") and pass the folder."`,
    );
    expect(await refusal({ "a.zip": begins("526172211a07") })).toMatchInlineSnapshot(
      `"a.zip: it is a RAR archive, whatever its name says. Expected a zip, tar or tar.gz archive. Unpack it yourself ("7z x a.zip") and pass the folder."`,
    );
    expect(await refusal({ "a.tar": begins("28b52ffd") })).toContain("it is a Zstandard archive");
    expect(await refusal({ "a.tar": begins("425a68") })).toContain("it is a bzip2 archive");
    expect(await refusal({ "a.zip": begins("377abcaf271c") })).toContain("it is a 7z archive");
  });

  test("with entries of a kind that tar does not know is refused, not read in part", async () => {
    expect(await refusal({ "a.tar": tar(faces, "S") })).toContain("is a SparseFile, not a file");
  });

  test("of small size and huge content is refused, wherever the content is", async () => {
    const zeros = Buffer.alloc(1 << 20);
    const many = Array.from({ length: 70 }, (_, i) => [`${i}.csv`, zeros] as const);
    const bomb = "its content is more than 100 times as large as itself";
    expect(await refusal({ "many.tgz": gzipSync(tar(many), { level: 1 }) })).toContain(bomb);
    // zeros behind the end, which belong to no entry
    const behind = gzipSync(Buffer.concat([tar(faces), Buffer.alloc(140 << 20)]), { level: 1 });
    expect(await refusal({ "behind.tgz": behind })).toContain(bomb);
  });

  test("that a killed process was unpacking leaves nothing in the cache for longer than the next run", async () => {
    const dir = places({ "faces.zip": zip(faces), "other.zip": zip({ "a.png": png(1) }) });
    const archives = path.join(dir, "cache/archives");
    const left = path.join(archives, ".faces-0123456789abcdef.partial");
    writeTree(left, {
      // as core leaves it; the process has ended
      "lock-1": `000000000000\n${JSON.stringify({ ...deadOwner(), token: "t" })}\n`,
      "work-t/tree/content/a.png": png(2),
    });
    const running = path.join(archives, ".busy-0123456789abcdef.partial");
    writeTree(running, { "work-u/tree/content/a.png": png(2) });
    const lock = await takeLock(running, { subject: "test", target: "test" });
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const folder of [left, running]) {
      for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), longAgo, longAgo);
    }
    await openArchive(path.join(dir, "from/other.zip"));
    expect(existsSync(left)).toBe(false);
    expect(existsSync(path.join(running, "work-u/tree/content/a.png"))).toBe(true);
    await lock.release();
  });

  test("that is opened twice at once is unpacked once", async () => {
    const dir = places({ "faces.zip": zip(faces) });
    const file = path.join(dir, "from/faces.zip");
    const [a, b] = await Promise.all([openArchive(file), openArchive(file)]);
    expect(a.files).toEqual(b.files);
    expect(readdirSync(path.join(dir, "cache/archives"))).toHaveLength(1);
  });

  test("that there is no place to unpack into is not to blame", async () => {
    const dir = places({ "faces.zip": zip(faces), "cache/file": "" });
    process.env.FER_CACHE = path.join(dir, "from/cache/file");
    const message = await openArchive(path.join(dir, "from/faces.zip")).catch((error: Error) => error.message);
    expect(String(message).replaceAll(dir, "")).toMatchInlineSnapshot(
      `"faces.zip: it is unpacked into the cache "/from/cache/file", which cannot be written (ENOTDIR). Expected a folder that can be written. Set FER_CACHE to another folder, or unpack it yourself and pass the folder; the archive itself is not the problem."`,
    );
  });
});

describe.skipIf(!process.env.FER_DATA)("the archive of FER2013 (needs FER_DATA)", () => {
  test("gives the owner's totals of its two parts, class by class", { timeout: 300_000 }, async () => {
    const dir = places({});
    const from = path.join(process.env.FER_DATA!, "fer2013-train-and-public.tar.gz");
    const { info } = await extract({ adapter: "fer2013", from, to: path.join(dir, "to") });
    expect(info.verification).toEqual({
      status: "partial",
      details: [
        "train: expected 28,709 images [verified], found the same",
        "val: expected 3,589 images [verified], found the same",
        "test: expected 3,589 images [verified], the split is absent",
      ],
    });
    expect(info).toMatchObject({ total: 32_298, rows: 32_298, skipped: {} });
  });
});
