/** HTML by template literal: what is put in is escaped, unless it is HTML itself. */

/** Text that is safe to put into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Value = Html | string | number | null | undefined | false | readonly Value[];

/** `html\`<b>${name}</b>\``: strings are escaped, lists joined, `null`, `undefined` and `false` left out. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, at) => part + render(values[at])).join(""));
}

/** Markup of our own making, such as a drawn chart. */
export const raw = (text: string): Html => new Html(text);

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map((item) => render(item as Value)).join("");
  return String(value).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
