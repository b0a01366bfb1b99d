export interface StaticHost {
  /** Such as `http://127.0.0.1:40123/docs/latest/`. */
  url: string;
  close(): void;
}
/** A static host that serves a folder below a path of its own, `/docs/latest/` if none is said. */
export function staticHost(folder: string, below?: string): Promise<StaticHost>;
