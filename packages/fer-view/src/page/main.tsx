/** The script of the page: what stands in the address decides which page it is. */
import { type ComponentType, render } from "preact";
import { DatasetPage } from "./dataset-page.js";
import { Frame, Problem } from "./frame.js";
import { ListPage } from "./list-page.js";
import { ReviewPage } from "./review-page.js";
import { RunPage } from "./run-page.js";
import { RunsPage } from "./runs-page.js";
import { SetPage } from "./set-page.js";

/** Pages of one thing of the folder, by the last word of their address. */
const PAGES: Readonly<Record<string, ComponentType<{ path: string }>>> = {
  run: RunPage,
  set: SetPage,
  dataset: DatasetPage,
  review: ReviewPage,
};

function Page() {
  const { pathname, search } = location;
  const name = pathname.slice(pathname.lastIndexOf("/") + 1);
  const paths = new URLSearchParams(search).getAll("path");
  if (name === "") return <ListPage />;
  if (name === "runs" && paths.length > 1) return <RunsPage paths={paths} />;
  if (name === "runs")
    return (
      <Frame title="Runs together">
        <Problem message="Tick two runs or more in the list" />
      </Frame>
    );
  const [path] = paths;
  if (path === undefined)
    return (
      <Frame title="Nothing">
        <Problem message="The address names nothing of the folder" />
      </Frame>
    );
  const Shown = PAGES[name];
  return Shown === undefined ? null : <Shown path={path} />;
}

render(<Page />, document.getElementById("page")!);
