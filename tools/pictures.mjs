// Makes the pictures of the README: `npm run pictures`. The report on a recorded preview, as GitHub would show its
// Markdown, in light and dark: the Markdown is turned into HTML, Mermaid draws the diagram in headless Chromium, which
// prints both, and Poppler makes an SVG of the print: plain shapes, which every viewer shows (HTML inside of an SVG is
// shown by browsers only). And a preview and its `up` in a terminal.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { Marked } from "marked";
import { ROOT } from "./clone.mjs";
import { terminalSvg } from "./terminal-svg.mjs";

const require = createRequire(import.meta.url);
/** @type {typeof import("../provider/report.js")} */
const { readPreviews, render, reportOf } = require("../dist/report.js");

const PREVIEW = "test/report/previews/sample.json";
const TERMINAL = "test/report/previews/terminal.txt";
const PICTURES = path.join(ROOT, "pictures");
const WIDTH = 1000;
const TITLE = "A report on a preview";
/** Canvas, text, lines, soft background; as on GitHub. */
const THEMES = {
  light: ["#ffffff", "#1f2328", "#d1d9e0", "#f6f8fa", "default"],
  dark: ["#0d1117", "#f0f6fc", "#3d444d", "#151b23", "dark"],
};

const markdown = render(reportOf(readPreviews(fs.readFileSync(path.join(ROOT, PREVIEW), "utf8"), PREVIEW)));
const mermaid = fs.readFileSync(require.resolve("@mermaid-js/tiny"), "utf8");
fs.mkdirSync(PICTURES, { recursive: true });
fs.writeFileSync(
  path.join(PICTURES, "terminal.svg"),
  terminalSvg(
    fs.readFileSync(path.join(ROOT, TERMINAL), "utf8"),
    "pulumi preview, then pulumi up: one PATCH",
  ),
);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tutum-pictures-"));
try {
  for (const [theme, colours] of Object.entries(THEMES)) {
    const page = path.join(folder, `${theme}.html`);
    fs.writeFileSync(page, pageOf(colours));
    const picture = path.join(PICTURES, `report-${theme}.svg`);
    fs.writeFileSync(picture, titled(svgOf(printed(page))));
    process.stdout.write(`${path.relative(ROOT, picture)}\n`);
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** @param {string[]} colours */
function pageOf([canvas, text, line, soft, mermaidTheme]) {
  const body = new Marked().parse(markdown, { async: false });
  return `<!doctype html><html><meta charset="utf-8"><style>body { margin: 0; -webkit-print-color-adjust: exact; }</style><style id="style">
.report { padding: 20px 24px; background: ${canvas}; color: ${text}; font: 14px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; }
h2 { font-size: 21px; padding-bottom: 6px; border-bottom: 1px solid ${line}; margin-top: 0; }
table { border-collapse: collapse; } th, td { border: 1px solid ${line}; padding: 6px 13px; text-align: left; }
td:first-child { white-space: nowrap; }
code { background: ${soft}; padding: 2px 5px; border-radius: 6px; font: 12px "DejaVu Sans Mono", monospace; }
pre { text-align: center; border: 1px solid ${line}; border-radius: 6px; padding: 8px; } pre code { background: none; }
</style><body><div class="report">${body}</div>
<script>${mermaid}</script>
<script>
const [report] = document.getElementsByClassName("report");
const source = report.querySelector("code.language-mermaid");
mermaid.initialize({ startOnLoad: false, theme: "${mermaidTheme}" });
mermaid.render("diagram", source.textContent).then(({ svg }) => {
  source.parentElement.innerHTML = svg;
  const style = document.createElement("style");
  style.textContent = "@page { margin: 0; size: ${WIDTH}px " + Math.ceil(report.offsetHeight + 1) + "px; }";
  document.head.append(style);
});
</script></body></html>`;
}

/**
 * The page on paper of its own size, after its scripts have run.
 * @param {string} page
 * @returns {string} a PDF file
 */
function printed(page) {
  const pdf = `${page}.pdf`;
  run("chromium", [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--virtual-time-budget=20000",
    `--window-size=${WIDTH},2000`,
    `--user-data-dir=${path.join(folder, "profile")}`,
    `--print-to-pdf=${pdf}`,
    `file://${page}`,
  ]);
  return pdf;
}

/** @param {string} pdf */
function svgOf(pdf) {
  const svg = `${pdf}.svg`;
  run("pdftocairo", ["-svg", pdf, svg]);
  return fs.readFileSync(svg, "utf8");
}

/** @param {string} svg */
function titled(svg) {
  return svg.replace(/<svg [^>]*>/, tag => `${tag.slice(0, -1)} role="img"><title>${TITLE}</title>`);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { stderr, status, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, HOME: folder },
  });
  if (error || status !== 0)
    throw new Error(`${command} (npm run setup:system installs it): ${error?.message ?? stderr}`);
}
