/**
 * Several processes at one target: exactly one is at work, the others are told who, and what is published is of one of
 * them. `FER_RACES=20` for more rounds. Containers are other pid namespaces (`unshare`, needs root on Linux).
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, type TestContext } from "vitest";

const ROUNDS = Number(process.env["FER_RACES"] ?? 3);
const BUILDER = join(import.meta.dirname, "builder.mjs");
const hasNamespaces = spawnSync("unshare", ["-pfm", "--mount-proc", "true"]).status === 0;

/** A folder of the test's own, so that those that mostly wait can wait together. */
function ownFolder({ onTestFinished }: TestContext): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "fer-processes-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

interface Running {
  child: ChildProcess;
  /** All it has printed so far. */
  output: () => string;
  /** What it prints to its end. */
  ended: Promise<string>;
  working: Promise<void>;
}

function start(words: string[], { container = false } = {}): Running {
  const command = container ? ["unshare", "-pfm", "--mount-proc", process.execPath] : [process.execPath];
  const child = spawn(command[0]!, [...command.slice(1), BUILDER, ...words], { detached: true });
  let output = "";
  const working = new Promise<void>((resolve) => {
    const take = (text: Buffer): void => {
      output += text.toString();
      if (output.includes("working")) resolve();
    };
    child.stdout!.on("data", take);
    child.stderr!.on("data", take);
    child.on("close", () => resolve());
  });
  const ended = new Promise<string>((resolve) => void child.on("close", () => resolve(output)));
  return { child, output: () => output, ended, working };
}

const kill = (running: Running, signal: NodeJS.Signals): void => void process.kill(-running.child.pid!, signal);

const run = (...words: string[]): Promise<string> => start(words).ended;

/** The numbers in a finished artifact: one, if nothing is mixed. */
function numbersIn(to: string): string[] {
  const parts = readdirSync(to).filter((name) => name.startsWith("part-"));
  expect(parts).toHaveLength(8);
  const { number } = JSON.parse(readFileSync(join(to, "answer.json"), "utf8")) as { number: string };
  return [...new Set([number, ...parts.map((part) => readFileSync(join(to, part, "number.txt"), "utf8"))])];
}

describe("processes at one target", () => {
  it("work one at a time, and never mix", async (context) => {
    const root = ownFolder(context);
    for (let round = 0; round < ROUNDS; round++) {
      const to = join(root, `out-${round}`);
      const all = await Promise.all(["1", "2", "3", "4", "5"].map((number) => run(to, number, "300")));
      expect(all.filter((output) => output.endsWith("\nmade\n"))).toHaveLength(1);
      for (const output of all)
        expect(output).toMatch(/^working\nmade|BUSY builder: process \d+ on .* is at work on|OTHER_OPTIONS/);
      expect(numbersIn(to)).toHaveLength(1);
    }
    expect(readdirSync(root)).toHaveLength(ROUNDS);
  }, 120_000);

  it("wait for each other where that is asked for", async (context) => {
    const root = ownFolder(context);
    const to = join(root, "out");
    const all = await Promise.all(["1", "1", "1"].map((number) => run(to, number, "300", "wait")));
    expect(all.map((output) => output.trim().split("\n").at(-1)).sort()).toEqual(["kept", "kept", "made"]);
  }, 60_000);

  it("take over at once from a process that was killed, and go on with its work", async (context) => {
    const root = ownFolder(context);
    const to = join(root, "out");
    for (let round = 0; round < ROUNDS; round++) {
      const first = start([to, "7", "2000", "resume"]);
      await first.working;
      await sleep(200 + 150 * round);
      kill(first, "SIGKILL");
      await first.ended;
    }
    expect(await run(to, "8", "100", "resume")).toContain("OTHER_UNFINISHED");
    expect(await run(to, "7", "100", "resume")).toBe("working\nresumed\n");
    expect(numbersIn(to)).toEqual(["7"]);
    expect(readdirSync(root)).toEqual(["out"]);
  }, 60_000);

  it.skipIf(process.platform === "win32")(
    "publish nothing after a sleep in which another has taken over",
    { concurrent: true, timeout: 90_000 },
    async (context) => {
      const root = ownFolder(context);
      const to = join(root, "out");
      const sleeper = start([to, "1", "1500"]);
      await sleeper.working;
      kill(sleeper, "SIGSTOP");
      // its process is alive, so that on this machine nobody takes over
      expect(await run(to, "2", "100")).toContain("BUSY");
      // as a process of another host sees it: a lock of a space that it does not know, and no heartbeat
      const work = join(root, ".out.partial");
      const lock = join(
        work,
        readdirSync(work).find((name) => name.startsWith("lock-"))!,
      );
      writeFileSync(lock, readFileSync(lock, "utf8").replace(/"space":"[^"]*"/, '"space":"another host"'));
      expect(await run(to, "2", "100")).toContain("made");
      kill(sleeper, "SIGCONT");
      expect(await sleeper.ended).toContain("LOCK_LOST");
      expect(numbersIn(to)).toEqual(["2"]);
    },
  );

  it.skipIf(!hasNamespaces)(
    "see each other from container to container",
    { concurrent: true, timeout: 90_000 },
    async (context) => {
      const root = ownFolder(context);
      const to = join(root, "out");
      const first = start([to, "1", "8000"], { container: true });
      await first.working;
      const second = start([to, "2", "100"], { container: true });
      expect(await second.ended).toMatch(/BUSY builder: process \d+ on/);
      expect(await run(to, "2", "100")).toContain("BUSY");
      kill(first, "SIGKILL");
      await first.ended;
      // nobody can ask for a process of another namespace: its heartbeat tells
      expect(await run(to, "2", "100")).toContain("made");
      expect(numbersIn(to)).toEqual(["2"]);
    },
  );

  it.skipIf(!hasNamespaces)("build in an empty mount point", (context) => {
    const root = ownFolder(context);
    const to = join(root, "volume");
    mkdirSync(to);
    const script = `mount -t tmpfs none ${to} && ${process.execPath} ${BUILDER} ${to} 5 50 && ls -A ${to} | tr '\\n' ' '`;
    const { stdout, stderr } = spawnSync("unshare", ["-m", "bash", "-c", script], { encoding: "utf8" });
    expect(stdout + stderr).toMatch(/^working\nmade\nanswer\.json part-0 (part-\d )+$/);
    expect(existsSync(join(root, ".volume.partial"))).toBe(false);
  });
});
