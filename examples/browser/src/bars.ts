/** Probabilities of a face: a line a class, its name always as text, whatever a model calls it. */
import { inkOf, percent } from "./names.js";

export function showBars(list: HTMLElement, probabilities: Record<string, number>): void {
  const names = Object.keys(probabilities);
  while (list.children.length > names.length) list.lastElementChild!.remove();
  for (const [at, name] of names.entries()) {
    const row = list.children[at] ?? list.appendChild(emptyRow());
    const share = probabilities[name]!;
    row.querySelector(".name")!.textContent = name;
    row.querySelector(".share")!.textContent = percent(share);
    const bar = row.querySelector("i")!;
    bar.style.width = `${share * 100}%`;
    bar.style.setProperty("--ink", inkOf(at));
  }
}

function emptyRow(): HTMLLIElement {
  const row = document.createElement("li");
  for (const kind of ["name", "share", "bar"])
    row.append(Object.assign(document.createElement("span"), { className: kind }));
  row.lastElementChild!.append(document.createElement("i"));
  row.lastElementChild!.setAttribute("aria-hidden", "true");
  return row;
}
