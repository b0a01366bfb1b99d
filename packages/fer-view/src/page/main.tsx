/** The script of the page: what stands in the address decides which page it is. */
import { render } from "preact";
import { Frame, Problem } from "./frame.js";
import { ListPage } from "./list-page.js";
import { RunPage } from "./run-page.js";
import { RunsPage } from "./runs-page.js";

function Page() {
  const { pathname, search } = location;
  const name = pathname.slice(pathname.lastIndexOf("/") + 1);
  const paths = new URLSearchParams(search).getAll("path");
  if (name === "runs") return <RunsPage paths={paths} />;
  const [path] = paths;
  if (name === "") return <ListPage />;
  if (path === undefined)
    return (
      <Frame title="Nothing">
        <Problem message="The address names nothing of the folder" />
      </Frame>
    );
  return <RunPage path={path} />;
}

render(<Page />, document.getElementById("page")!);
