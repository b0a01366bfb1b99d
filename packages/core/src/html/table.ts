/** Tables: the first column names its row, numbers stand right. */
import { html, type Html } from "./html.js";

export interface Column {
  title: string;
  /** Right-aligned. */
  number?: boolean;
  class?: string;
}

type Cell = Html | string | number;

export interface TableOptions {
  rows: readonly (readonly Cell[])[];
  caption?: string;
  /** Whether the last row sums up the others. */
  total?: boolean;
}

export function table(columns: readonly Column[], { rows, caption, total = false }: TableOptions): Html {
  const kind = ({ number, class: own }: Column): string =>
    [number ? "number" : "", own ?? ""].filter(Boolean).join(" ");
  return html`<div class="table">
    <table>
      ${
        caption !== undefined &&
        html`<caption>
          ${caption}
        </caption>`
      }
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, at) =>
            html`<tr${total && at === rows.length - 1 && html` class="total"`}>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${kind(columns[index]!)}">${cell}</td>`))}</tr>
`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Names and values, two columns. */
export function facts(rows: readonly (readonly [name: string, value: Cell | null])[]): Html {
  const known = rows.filter((row): row is [string, Cell] => row[1] !== null && row[1] !== "");
  return html`<div class="table">
    <table class="facts">
      <tbody>
        ${known.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td class="code">${value}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
