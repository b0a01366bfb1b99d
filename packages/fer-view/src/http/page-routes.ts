/** The page: one document for all addresses, its script and its style. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FerError } from "@fer/core";
import type { FastifyInstance } from "fastify";
import { STYLE } from "../style.js";

/** Addresses that the script makes a page of. */
const PAGES = ["/", "/run", "/runs", "/set", "/dataset", "/review"] as const;

const DOCUMENT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>fer view</title>
    <link rel="icon" href="icon.svg" />
    <link rel="stylesheet" href="style.css" />
    <script type="module" src="page.js"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript.</noscript>
    <div id="page"></div>
  </body>
</html>
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0b5a8f"/><circle cx="5.5" cy="6.5" r="1" fill="#fff"/><circle cx="10.5" cy="6.5" r="1" fill="#fff"/><path d="M4.5 10q3.5 3 7 0" fill="none" stroke="#fff" stroke-width="1.2"/></svg>`;

/** @throws FerError where the script was not made */
export function addPageRoutes(app: FastifyInstance): void {
  const script = readScript();
  for (const path of PAGES)
    app.get(path, async ({ originalUrl }, reply) => {
      // Addresses in the document begin at the folder that the word is.
      if (/^\/[^/?#]*(\?|$)/.test(originalUrl)) return reply.redirect(`${originalUrl.replace(/\?.*$/, "")}/`);
      return reply.type("text/html; charset=utf-8").send(DOCUMENT);
    });
  app.get("/page.js", async (_request, reply) => reply.type("text/javascript; charset=utf-8").send(script));
  app.get("/style.css", async (_request, reply) => reply.type("text/css; charset=utf-8").send(STYLE));
  app.get("/icon.svg", async (_request, reply) => reply.type("image/svg+xml").send(ICON));
}

function readScript(): string {
  const file = fileURLToPath(new URL("../../bundle/page.js", import.meta.url));
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new FerError({
      code: "NOT_BUILT",
      subject: file,
      found: "the script of the page is missing",
      fix: "Build it: npm run build in a clone, or install @fer/view again",
      cause,
    });
  }
}
