/** What to cite. */
import { html, type Html } from "@fer/core/html";
import type { ReportData } from "../report-data.js";

const FRAMEWORK = {
  what: "The framework that @fer rebuilds",
  text: "H. Anas, B. Rehman, W. H. Ong: Deep convolutional neural network based facial expression recognition in the wild. arXiv:2010.01301, 2020.",
};

export function citation({ citations = [] }: ReportData): Html {
  return html`<h2>Please cite</h2>
    <ul>
      ${[FRAMEWORK, ...citations].map(({ what, text }) => html`<li>${what}: <span class="soft">${text}</span></li> `)}
    </ul>`;
}
