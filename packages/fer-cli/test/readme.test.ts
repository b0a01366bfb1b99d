import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../dist/commands/index.js";
import { emptyFolder, fer } from "./fixtures/fer.js";
import { warmFer } from "./fixtures/warm-fer.js";
import { writeFaces } from "./fixtures/faces.js";

const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

describe("README.md", { timeout: 300_000 }, () => {
  it("shows a config file that fer takes", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "CK+"), { subjects: 6 });
    const [, source] = /```ts\n([\s\S]*?)```/.exec(readme)!;
    const quick = source!.replace("epochs: 60", 'epochs: 1, architecture: "tiny", engine: "wasm"');
    expect(quick).not.toBe(source);
    writeFileSync(join(folder, "fer.config.ts"), quick);
    const { code, stderr } = await fer(folder, "pipeline");
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  it("shows command lines whose commands and flags exist", async () => {
    const lines = [...readme.matchAll(/^npx @fer\/cli (.*?)(?: +#.*)?$/gm)].map(([, words]) => words!.split(" "));
    expect(lines.length).toBeGreaterThan(6);
    for (const [name, ...words] of lines) {
      expect(Object.keys(COMMANDS)).toContain(name);
      const { code, stdout } = await warmFer(emptyFolder(), name!, ...words.slice(0, 1), "--help");
      expect(code).toBe(0);
      for (const flag of words.filter((word) => word.startsWith("--"))) expect(stdout).toContain(flag);
    }
  });
});
