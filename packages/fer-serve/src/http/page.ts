/** The OpenAPI document as a page for people: no script, nothing from elsewhere. */
import { html, type Html, raw, STYLE } from "@fer/core/html";
import { createHash } from "node:crypto";
import type { OpenAPIV3_1 } from "openapi-types";

const MORE =
  "pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem; overflow-x: auto; }";
const CSS = `${STYLE}${MORE}`;

/** What a browser lets the page do: be shown, with this style sheet. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(CSS).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The page. */
export function renderPage({ info, paths = {} }: OpenAPIV3_1.Document): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({ path, method, operation })),
  );
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}</title>
        <style>
          ${raw(CSS)}
        </style>
      </head>
      <body>
        <header>
          <h1>${info.title} ${info.version}</h1>
          <p class="lead">${info.description}</p>
          <p>As OpenAPI: <a href="openapi.json">openapi.json</a></p>
        </header>
        <main>${operations.map(renderOperation)}</main>
      </body>
    </html> `;
  return page.text;
}

function renderOperation({ path, method, operation }: { path: string; method: string; operation: unknown }): Html {
  const {
    summary,
    description,
    parameters = [],
    requestBody,
    responses = {},
  } = operation as OpenAPIV3_1.OperationObject;
  const content = (requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content ?? {};
  return html`<section>
    <h2>${method.toUpperCase()} ${path}</h2>
    <p><strong>${summary}</strong></p>
    ${description === undefined ? null : html`<p>${description}</p>`}
    ${(parameters as OpenAPIV3_1.ParameterObject[]).map(
      (parameter) =>
        html`<p><code>?${parameter.name}=</code> ${parameter.description}${renderSchema(parameter.schema)}</p>`,
    )}
    ${Object.entries(content).map(
      ([type, { schema }]) =>
        html`<h3>Body: ${type}</h3>
          ${renderSchema(schema)}`,
    )}
    ${Object.entries(responses).map(([status, response]) => {
      const { description: words, content: answers = {} } = response as OpenAPIV3_1.ResponseObject;
      return html`<details>
        <summary>${status} ${words === "Default Response" ? null : words}</summary>
        ${Object.values(answers).map(({ schema }) => renderSchema(schema))}
      </details>`;
    })}
  </section> `;
}

const renderSchema = (schema: unknown): Html | null =>
  schema === undefined ? null : html`<pre tabindex="0"><code>${JSON.stringify(schema, null, 2)}</code></pre>`;
