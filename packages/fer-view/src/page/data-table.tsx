/** Tables: the first column names its row, numbers stand right. */
import type { ComponentChildren } from "preact";

interface TableColumn {
  title: string;
  /** Right-aligned. */
  number?: boolean;
}

/** One column that names the rows, and columns of numbers. */
export const numberColumns = (...titles: readonly string[]): TableColumn[] =>
  titles.map((title, at) => ({ title, number: at > 0 }));

export interface DataTableProps {
  caption?: ComponentChildren;
  columns: readonly TableColumn[];
  rows: readonly (readonly ComponentChildren[])[];
}

export const DataTable = ({ caption, columns, rows }: DataTableProps) => (
  <div class="table" tabIndex={0} role="region" aria-label={typeof caption === "string" ? caption : "Table"}>
    <table>
      {caption !== undefined && <caption>{caption}</caption>}
      <thead>
        <tr>
          {columns.map(({ title, number }) => (
            <th key={title} scope="col" class={number === true ? "number" : ""}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, index) =>
              index === 0 ? (
                <th key={index} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={index} class={columns[index]?.number === true ? "number" : ""}>
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** Names and values, two columns. */
export const Facts = ({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) => (
  <div class="table">
    <table class="facts">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="code">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
