import { awaitBrowser } from "../../provider/commands/browser-return";

test("the page that a browser comes back to says so, and nobody else's visit counts", async () => {
  const { url, returned, close } = await awaitBrowser("You can close this page.");
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
  expect((await fetch(new URL("/favicon.ico", url))).status).toBe(404);
  expect(returned.aborted).toBe(false);
  const page = await fetch(`${url}?state=1`);
  expect(await page.text()).toBe("You can close this page.\n");
  expect(returned.aborted).toBe(true);
  await close();
  await expect(fetch(url)).rejects.toThrow();
});
