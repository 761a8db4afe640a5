// The page in a real browser, at the width of a phone and of a desk, in light and dark.
//
//     npm install playwright-core@1
//     node page.mjs http://127.0.0.1:8080 /usr/bin/chromium FOLDER-FOR-PICTURES [TOKEN]
//
// With the token of a server that asks for one, the page is first opened with a wrong one.
// Ends with status 1 at the first thing that is not as it should be.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, executablePath, folder, token] = process.argv.slice(2);
const headers = token ? { authorization: `Bearer ${token}` } : {};
const { images: hasImages, spaces } = await (await fetch(`${address}/run`, { headers })).json();
const picture = (url) => {
  const hue = [...url].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="56" height="56"><rect width="56" height="56" fill="hsl(${hue} 60% 70%)"/></svg>`;
};
// Runs in the page: targets below 24 pixels, unless they stand in a line of text, and texts whose contrast is below 4.5, or 3 where they are large.
const unfit = () => {
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0;
  const shown = (element) => `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`;
  const small = [...document.querySelectorAll("button, a, input, summary")].filter((target) => seen(target) && !target.closest("p, .skip"))
    .filter((target) => Math.min(target.getBoundingClientRect().width, target.getBoundingClientRect().height) < 24)
    .map((target) => `${shown(target)}: ${target.getBoundingClientRect().width} x ${target.getBoundingClientRect().height}`);
  const rgba = (colour) => { const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (element) => { const [r, g, b, a] = rgba(getComputedStyle(element).backgroundColor); return a === 1 || !element.parentElement ? [r, g, b] : behind(element.parentElement); };
  const says = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  const pale = [...document.body.querySelectorAll("*")].filter((element) => seen(element) && says(element) && !element.closest(".skip, script, option")).map((element) => {
    const style = getComputedStyle(element), [one, other] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return [(one + 0.05) / (other + 0.05), isLarge ? 3 : 4.5, element];
  }).filter(([contrast, least]) => contrast < least).map(([contrast, , element]) => `${shown(element)}: ${contrast.toFixed(2)}`);
  return [...small, ...pale];
};
const args = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: [...args, "--no-sandbox", "--disable-gpu"] });
for (const [name, width, height, colorScheme] of [["phone", 390, 844, "light"], ["desk", 1440, 900, "light"], ["dark", 1440, 900, "dark"]]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  // Images of items come from wherever the data says; nobody is asked for them here.
  let images = 0;
  await page.route((url) => !url.href.startsWith(address), (route) => {
    const request = route.request();
    if (request.resourceType() !== "image") problems.push(`asks ${request.url()}`);
    if (request.headers().referer) problems.push(`says where it is to ${request.url()}`);
    images += 1;
    return route.fulfill({ contentType: "image/svg+xml", body: picture(request.url()) });
  });
  await page.goto(address);

  if (token) {
    const field = page.getByLabel("Token");
    await field.waitFor();
    assert.ok(await page.locator("main").isHidden(), `${name}: something shows without the token`);
    await page.screenshot({ path: `${folder}/${name}-token.png` });
    for (const typed of [`not-${token}`, token]) {
      await field.fill(typed);
      const answered = page.waitForResponse((response) => response.url().startsWith(address));
      await page.keyboard.press("Enter");
      assert.equal((await answered).status(), typed === token ? 200 : 401);
      if (typed !== token) await page.getByText("This is not the server's token.").waitFor();
    }
    await page.locator("main").waitFor();
    assert.ok(await field.isHidden(), `${name}: the field stays after the right token`);
    // The browser itself reports what was refused before.
    assert.ok(problems.every((problem) => problem.includes("401")), problems.join("; "));
    problems.length = 0;
  }

  // A known user: the first that the page offers.
  await page.locator("#some-users button").first().click();
  await page.locator("#recommended > li").nth(19).waitFor();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok((await wide()) <= 0, `${name}: the page is wider than the window`);
  assert.match(await page.locator("#history-title").textContent(), /items? in the history/);
  const why = page.locator("#recommended > li").first().getByRole("button", { name: "Why" });
  await why.click();
  assert.equal(await why.getAttribute("aria-expanded"), "true");
  const parts = await page.locator(".why").first().textContent();
  assert.ok(parts.length > 40, `${name}: no reasons`);
  // What no item makes has the name that belongs to the kind of score.
  const user = await page.locator("#user").inputValue();
  const told = await (await fetch(`${address}/recommend?why=true&top=1&user=${encodeURIComponent(user)}`, { headers })).json();
  const rest = { model: "The user's own vector", "closed form": "What this item scores for anybody" }[told.why.of];
  const isShown = told.why.lists.length > 0 && told.why.lists[0].rest !== 0;
  for (const label of ["The user's own vector", "What this item scores for anybody"]) {
    assert.equal(parts.includes(label), isShown && label === rest, `${name}: ${label} of ${told.why.of}`);
  }
  await page.screenshot({ path: `${folder}/${name}-user.png` });

  const shown = await page.locator("#recommended > li > img").evaluateAll((all) => all.map((img) => [img.loading, img.alt, img.naturalWidth]));
  assert.equal(shown.length > 0, hasImages, `${name}: images where there are addresses, and nowhere else`);
  if (hasImages) {
    assert.ok(shown.every(([loading, alt]) => loading === "lazy" && alt === ""), `${name}: images that are loaded late and named by the title`);
    assert.ok(shown[0][2] > 0 && images > 0, `${name}: the first image did not load`);
  }

  // Neighbours in each space; a closed form has none.
  if (spaces.length) {
    await page.getByRole("button", { name: "Similar items" }).first().click();
    await page.locator("#spaces h3").first().waitFor();
    assert.ok((await page.locator("#spaces h3").count()) >= 1);
    assert.ok((await wide()) <= 0, `${name}: the neighbours are wider than the window`);
    await page.screenshot({ path: `${folder}/${name}-near.png` });
    await page.getByRole("button", { name: "Close" }).click();
  }

  // Somebody new, by the keyboard alone.
  await page.getByText("Somebody new").click();
  await page.locator("#search").focus();
  await page.locator("#found li").nth(3).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator("#recommended > li").nth(19).waitFor();
  await page.locator("#search").blur();
  await page.locator("#search").focus();
  await page.locator("#found li").nth(3).waitFor();
  await page.screenshot({ path: `${folder}/${name}-search.png` });
  await page.keyboard.press("Enter");
  await page.locator("#chosen li").nth(1).waitFor();
  await page.locator("#recommended > li").nth(19).waitFor();
  await page.screenshot({ path: `${folder}/${name}-new.png` });
  // The address leads back to the same list.
  const first = await page.locator("#recommended .title").first().textContent();
  await page.reload();
  await page.locator("#recommended > li").nth(19).waitFor();
  assert.equal(await page.locator("#recommended .title").first().textContent(), first);

  // Each target of a finger is large enough, and each text stands out from what is behind it (WCAG 2.2, AA).
  assert.deepEqual(await page.evaluate(unfit), [], `${name}: what cannot be touched or read`);

  // Each field has a name.
  const nameless = await page.evaluate(() => [...document.querySelectorAll("input, button")]
    .filter((field) => !(field.labels?.length || field.ariaLabel || field.textContent.trim())).map((field) => field.outerHTML));
  assert.deepEqual(nameless, [], `${name}: fields without a name`);

  // A user who is not there.
  await page.goto(`${address}/#user=nobody-of-this-name`);
  await page.reload();
  await page.locator("#said.problem").waitFor();
  assert.match(await page.locator("#said").textContent(), /is not known to the data set/);
  // The browser itself reports the two 404 of that request.
  assert.deepEqual(problems.filter((problem) => !problem.includes("404")), [], name);
  await page.close();
}
await browser.close();
console.log("the page is as it should be, at 390 and 1440 pixels, light and dark");
