/** Load by autocannon: `node serve_load.mjs <folder with node_modules>`, the task as JSON on stdin, the result on stdout. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { json } from "node:stream/consumers";

const autocannon = createRequire(join(process.argv[2], "package.json"))("autocannon");
const { url, bodies, amount, clients } = await json(process.stdin);
const { pathname, search } = new URL(url);
const requests = bodies.map((body) => ({
  method: "POST",
  path: `${pathname}${search}`,
  headers: { "content-type": "image/png" },
  body: Buffer.from(body, "base64"),
}));
const [cpu, begun] = [process.cpuUsage(), performance.now()];
const running = autocannon({ url, connections: Math.min(clients, amount), amount, requests, timeout: 120 });
// It ends at a whole second; the last answer came before.
let last = begun;
running.on("response", () => (last = performance.now()));
const result = await running;
const seconds = (last - begun) / 1000;
const used = process.cpuUsage(cpu);
process.stdout.write(
  JSON.stringify({
    rate: result["2xx"] / seconds,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.timeouts + result.non2xx,
    share: (used.user + used.system) / 1e6 / seconds,
  }),
);
