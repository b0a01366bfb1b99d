/** `fer view` as a process: the address that it prints opens the page, and SIGINT ends it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";

describe("fer view", { timeout: 60_000 }, () => {
  it("prints an address with a word in it, and ends with Ctrl-C", async () => {
    const child = spawn(process.execPath, [BIN, "view"], { cwd: emptyFolder() });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    let said = "";
    child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(/^open http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\n$/);
    const url = said.slice("open ".length).trim();
    expect((await fetch(`${url}page.js`)).status).toBe(200);
    expect(await (await fetch(`${url}api/index`)).json()).toMatchObject({ entries: [], notes: [] });
    child.kill("SIGINT");
    expect((await ended)[0]).toBe(0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("says where there is nothing to look at", async () => {
    const { code, stderr } = await fer(emptyFolder(), "view", "nothing");
    expect([code, stderr]).toMatchInlineSnapshot(`
      [
        2,
        "error: nothing: no such folder. Expected a folder with datasets, sets or runs. Name another one.

      Usage: fer view [folder] [options]. fer view --help lists the options.
      ",
      ]
    `);
  });
});
