/** Where a report is shown: how much fits there and what of Markdown is understood. */

export interface Host {
  /** Largest report, in UTF-16 units; less than the place's own limit, as it counts what it adds itself. */
  maxChars: number;
  /** Limits of one Mermaid diagram, which no report can raise; absent where none are drawn. */
  diagram?: { maxChars: number; maxEdges: number };
  /** Whether HTML elements (`<details>`, `<br>`, `<code>`) are understood in Markdown. */
  html: boolean;
}

const MERMAID = { maxChars: 40_000, maxEdges: 400 };

export const HOSTS = {
  /** Comment: 65,536 characters. Mermaid: 50,000 characters and 500 edges. */
  github: { maxChars: 60_000, diagram: MERMAID, html: true },
  /** Job summary: 1,024 kB; a character may be three bytes. */
  "github-summary": { maxChars: 300_000, diagram: MERMAID, html: true },
  /** Note: 1,000,000 characters. Above 2,000 characters of Mermaid a page shows a button in place of it. */
  gitlab: { maxChars: 900_000, diagram: { maxChars: 2_000, maxEdges: 400 }, html: true },
  /** Azure Repos comment: 150,000 characters. */
  azure: { maxChars: 140_000, html: true },
  /** Bitbucket comment: 32,768 characters, no HTML. */
  bitbucket: { maxChars: 30_000, html: false },
  /** Mermaid: 5,000 characters. */
  gitea: { maxChars: 60_000, diagram: { maxChars: 5_000, maxEdges: 400 }, html: true },
  /** A file: no limit but a diagram's own. */
  none: { maxChars: Number.POSITIVE_INFINITY, diagram: MERMAID, html: true },
} satisfies Record<string, Host>;

export type HostName = keyof typeof HOSTS;
