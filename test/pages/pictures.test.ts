/** The pictures of the pages, as they are committed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PICTURES = join(__dirname, "../../pictures");

test.each(readdirSync(PICTURES))("%s is made of plain shapes, which every viewer shows", file => {
  const svg = readFileSync(join(PICTURES, file), "utf8");
  expect(svg).toContain("<svg");
  expect(svg).not.toMatch(/foreignObject|<script|href="http/);
});
