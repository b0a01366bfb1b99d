/** Whatever options the libraries have, the command line has a flag with help for each, and the generated files agree. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { adapters } from "@fer/dataset-extractors";
import { COMMANDS } from "../../dist/commands/index.js";
import type { Command } from "../../dist/command.js";
import { commandFlags } from "../../dist/options/command-line.js";
import { flagsFrom } from "../../dist/options/flags.js";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";

const loaded = await Promise.all(
  Object.entries(COMMANDS).map(async ([name, { load }]) => ({ name, command: (await load()).default as Command })),
);

describe.each(loaded)("fer $name", ({ name, command }) => {
  it("has a flag or an argument with help for every option, and no two of the same name", async () => {
    const schema = command.optionsFor?.([], undefined) ?? command.options;
    const flags = commandFlags(command, schema);
    expect(flags.filter(({ description }) => description === "").map((flag) => flag.name)).toEqual([]);
    expect(new Set(flags.map((flag) => flag.name)).size).toBe(flags.length);
    const covered = new Set([...flags.map((flag) => flag.path[0]), ...(command.flat ?? [])]);
    expect(Object.keys(schema.shape).filter((key) => !covered.has(key))).toEqual([]);
  });

  it("names only keys of its schema as arguments, and shows them in a help that never runs a config file", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "fer.config.ts"), `throw new Error("the config file ran");`);
    const { code, stdout, stderr } = await warmFer(folder, name, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: fer ${name}`);
    for (const key of command.positionals ?? []) expect(stdout).toMatch(new RegExp(`[<[]${key}(\\.\\.\\.)?[>\\]]`));
  });
});

describe.each(Object.values(adapters))("fer extract $name", (adapter) => {
  it("shows the options of that dataset with help, beside the common ones", async () => {
    const own = flagsFrom(adapter.options);
    expect(own.filter(({ description }) => description === "").map((flag) => flag.name)).toEqual([]);
    const { default: extract } = await COMMANDS.extract.load();
    const all = commandFlags(extract, extract.optionsFor!([adapter.name], undefined)).map((flag) => flag.name);
    expect(all).toEqual(expect.arrayContaining([...own.map((flag) => flag.name), "from", "to", "workers"]));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("fer --help", () => {
  it("lists every command", async () => {
    const { stdout } = await fer(emptyFolder(), "--help");
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\S`, "m"));
  });

  it("loads neither zod nor TensorFlow.js nor an image decoder", () => {
    const hook = `export const resolve = (name, context, next) => {
      if (/^(zod|jimp|sharp|jiti)$|tensorflow|tfjs|onnx/.test(name)) throw new Error("loaded " + name);
      return next(name, context);
    };`;
    const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
    const preload = `data:text/javascript,${encodeURIComponent(register)}`;
    const run = (...words: string[]) =>
      spawnSync(process.execPath, ["--import", preload, BIN, ...words], { encoding: "utf8" });
    expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
    expect(run("--version")).toMatchObject({ status: 0, stderr: "" });
    expect(run("engines").stderr).toContain("loaded");
  });
});

describe("generated files", () => {
  it("fer.schema.json and docs agree with options and adapters (npm run docs)", () => {
    const script = fileURLToPath(new URL("../../scripts/write-generated.mjs", import.meta.url));
    expect(execFileSync(process.execPath, [script, "--check"], { encoding: "utf8", stdio: "pipe" })).toBe("");
  });
});
