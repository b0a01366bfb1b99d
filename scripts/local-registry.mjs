/**
 * A registry on this machine (verdaccio): it takes `@fer/*` from whoever publishes, and fetches everything else from
 * npm. Installed into `node_modules/.cache`, with its storage in the folder of the caller.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root, shell } from "./packages.mjs";

const home = join(root, "node_modules", ".cache", "verdaccio");
const manifest = {
  private: true,
  dependencies: { verdaccio: "6.5.0" },
  // It is asked for by a dist-tag, which mirrors of npm need not keep.
  overrides: { "node-fetch": "2.7.0" },
};

function install() {
  const bin = join(home, "node_modules", "verdaccio", "bin", "verdaccio");
  if (existsSync(bin)) return bin;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: home,
    encoding: "utf8",
    shell,
  });
  if (status !== 0) throw new Error(`verdaccio cannot be installed\n${stderr}`);
  return bin;
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Starts it with its files in `folder`; `env` is that of an npm which installs from it and publishes to it. */
export async function startRegistry(folder) {
  const bin = install();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const npm = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8", shell }).stdout.trim();
  mkdirSync(folder, { recursive: true });
  const [config, log, userconfig] = ["config.yaml", "log", "npmrc"].map((name) => join(folder, name));
  writeFileSync(
    config,
    `storage: ${JSON.stringify(join(folder, "storage"))}
uplinks: { npm: { url: ${JSON.stringify(npm)}, max_fails: 100, timeout: 120s } }
packages:
  "@fer/*": { access: $all, publish: $all }
  "**": { access: $all, proxy: npm }
max_body_size: 100mb
log: { type: stdout, format: pretty, level: warn }
`,
  );
  // npm publishes with a token only; this registry takes any.
  writeFileSync(userconfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=local\n`);
  const output = openSync(log, "w");
  const server = spawn(process.execPath, [bin, "--config", config, "--listen", url], {
    stdio: ["ignore", output, output],
  });
  const stop = () => server.kill();
  process.once("exit", stop);
  for (let tries = 0; ; tries++) {
    const answered = await fetch(`${url}-/ping`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (answered) return { env: environment({ url, userconfig }), stop };
    if (tries === 600 || server.exitCode !== null) throw new Error(`verdaccio does not answer; its log is ${log}`);
    await wait(100);
  }
}

/** Without what npm tells the scripts that it runs. */
function environment({ url, userconfig }) {
  const env = { ...process.env, npm_config_userconfig: userconfig, npm_config_registry: url };
  for (const key of Object.keys(env)) if (/^npm_(lifecycle|package)_/.test(key)) delete env[key];
  return env;
}
