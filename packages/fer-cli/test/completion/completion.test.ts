/** What follows a word of `fer`, and that the shells ask for it and show it. */
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { candidates } from "../../dist/completion/candidates.js";
import { SCRIPTS, type Shell, SHELLS, sourceLine, STARTUP } from "../../dist/completion/scripts.js";
import { BIN, emptyFolder, fer } from "../fixtures/fer.ts";

const words = async (...typed: string[]): Promise<string[]> => (await candidates(typed)).map(({ word }) => word);

describe("what may follow", () => {
  it.each<[string[], string[]]>([
    [["tr"], ["train"]],
    [["train", "--net-sq"], ["--net-squeeze-excitation"]],
    [["train", "--engine", "o"], ["onnx"]],
    [["train", "features/ckplus", "--engine=o"], ["--engine=onnx"]],
    // as bash splits it
    [["train", "--engine", "=", "o"], ["onnx"]],
    [["extract", "ck"], ["ckplus"]],
    [
      ["extract", "ckplus", "--alig"],
      ["--align", "--aligned-size"],
    ],
    [["setup", ""], ["tensorflow"]],
    // a path, or anything
    [["train", ""], []],
    [["train", "--to", ""], []],
    [["nothing", "--"], []],
    [["setup", "tensorflow", ""], []],
  ])("fer %j", async (typed, expected) => {
    expect(await words(...typed)).toEqual(expected);
  });

  it("is every command at first, with what it does", async () => {
    const all = await candidates([""]);
    expect(all.find(({ word }) => word === "train")).toEqual({ word: "train", meaning: "Train a model on a set" });
    expect(all.length).toBeGreaterThan(20);
  });
});

/** A folder of two files with `fer` in its PATH. */
function shell(name: Shell, lines: string): string[] {
  const folder = emptyFolder();
  writeFileSync(join(folder, "fer"), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(folder, "fer"), 0o755);
  writeFileSync(join(folder, "face.jpg"), "");
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}`, HOME: folder };
  const script = `${sourceLine(name)}\n${lines}`;
  const { stdout, stderr, status } = spawnSync(name, ["-c", script], { cwd: folder, env, encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.trim().split("\n");
}

const isHere = (name: Shell): boolean => spawnSync(name, ["-c", "exit 0"]).status === 0;

/** What a shell shows after `fer <typed>`, and after `fer predict fa`, which is a file. */
const ASK: Readonly<Record<Shell, (typed: string[]) => string>> = {
  bash: (typed) => `COMP_WORDS=(fer ${typed.join(" ")})
COMP_CWORD=${typed.length}
_fer
printf '%s\\n' "\${COMPREPLY[@]}"`,
  // its own functions need a terminal: they say what they are given
  zsh: (typed) => `_describe() { print -l -- "\${(@P)2}" }
_files() { print face.jpg }
words=(fer ${typed.join(" ")})
CURRENT=$#words
_fer`,
  fish: (typed) => `complete -C "fer ${typed.join(" ")}"`,
};

describe.each(SHELLS)("%s", (name) => {
  test.skipIf(!isHere(name))("completes a command, a flag, a choice, and leaves files to the shell", () => {
    const first = (lines: string[]): string[] => lines.map((line) => line.split(/[\t:]/)[0]!);
    expect(first(shell(name, ASK[name](["ass"])))).toEqual(["assemble"]);
    expect(first(shell(name, ASK[name](["train", "--sched"])))).toContain("--schedule-warmup");
    expect(first(shell(name, ASK[name](["train", "--engine", "w"]))).toSorted()).toEqual(["wasm", "webgpu"]);
    const files = shell(name, ASK[name](["predict", "fa"]));
    expect(files).toEqual([name === "bash" ? "" : "face.jpg"]);
  });

  it("has a script that is printed, and a line for the file that it reads at its start", async () => {
    const { stdout, code } = await fer(emptyFolder(), "completion", name);
    expect({ stdout, code }).toEqual({ stdout: `${SCRIPTS[name]}\n`, code: 0 });
    const { stdout: help } = await fer(emptyFolder(), "completion", "--help");
    expect(help).toContain(`${STARTUP[name]}: ${sourceLine(name)}`);
  });
});

test("bash completes files where there is nothing else", () => {
  expect(SCRIPTS.bash).toContain("complete -o default");
});
