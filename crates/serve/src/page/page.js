"use strict";
// Everything that comes from the data is put in as text, never as marks.

const $ = (id) => document.getElementById(id);
const TOP = 20, NEAR = 8;
let run = { spaces: [], images: false }, asked = 0;

function make(tag, options = {}, ...children) {
  const { on, share, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  if (share !== undefined) element.style.setProperty("--share", String(Math.max(0, Math.min(1, share))));
  for (const [event, act] of Object.entries(on || {})) element.addEventListener(event, act);
  element.append(...children.filter((child) => child !== null));
  return element;
}

async function ask(path, body) {
  const token = sessionStorage.getItem("token");
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  const answer = await response.json();
  if (response.ok) return answer;
  if (response.status === 401) {
    $("unlock").hidden = false; $("main").hidden = true; $("token").focus();
    throw new Error(token ? "This is not the server's token." : "Locked");
  }
  const { message, reason } = answer.error || { message: response.statusText };
  throw Object.assign(new Error(message), { reason });
}

const enc = encodeURIComponent;
const name = (item) => make("span", { className: item.title ? "title" : "title none", textContent: item.title || item.item });
const id = (item) => (item.title ? make("div", { className: "id", textContent: item.item }) : null);
// An image of an item, where the data has an address. One that does not load leaves no gap.
const image = (address) => (address ? make("img", { src: address, alt: "", loading: "lazy", decoding: "async", referrerPolicy: "no-referrer",
  width: 56, height: 56, on: { error: (event) => event.target.remove() } }) : null);
const digits = (x) => (Math.abs(x) >= 100 ? x.toFixed(1) : x.toFixed(3)).replace("-", "\u2212");

function say(text, problem = false) {
  $("said").textContent = text;
  $("said").className = problem ? "hint problem" : "hint";
}

// The list.

function why(why, place) {
  if (!why) return null;
  const box = make("div", { className: "why" });
  if (why.of === "none") {
    box.textContent = "This score is not a sum over the items of the history, so no item has a part of it.";
    return box;
  }
  const { rest, others, parts } = why.lists[place];
  const of = {
    model: "What each item of the history adds to this score.",
    "fold-in": "What each chosen item adds to this score.",
    "closed form": "What each item of the history adds to this score.",
  };
  const rests = { model: "The user's own vector, learned beside the history", "closed form": "What this item scores for anybody" };
  const rows = parts.map((part) => [name(part), part.part]);
  if (others) rows.push([make("span", { textContent: "All other items" }), others]);
  if (rest) rows.push([make("span", { textContent: rests[why.of] || "What no item of the history adds" }), rest]);
  const most = Math.max(...rows.map((row) => Math.abs(row[1])), 1e-12);
  const list = rows.map(([what, part]) => make("li", {}, what,
    make("div", { className: part < 0 ? "bar less" : "bar" }, make("i", { share: Math.abs(part) / most })),
    make("span", { className: "score", textContent: digits(part) })));
  box.append(make("p", { className: "hint", textContent: of[why.of] }), make("ol", {}, ...list));
  return box;
}

function show(answer) {
  const list = answer.items;
  const best = list.length ? list[0].score : 1, last = list.length ? Math.min(0, list[list.length - 1].score) : 0;
  $("recommended").replaceChildren(...list.map((item, place) => {
    const reasons = answer.why && !answer.fallback ? make("button", { type: "button", className: "link", textContent: "Why" }) : null;
    const row = make("li", {},
      make("span", { className: "rank", textContent: String(place + 1) }),
      image((answer.images || {})[item.item]),
      make("div", {}, name(item), id(item),
        make("div", { className: "bar" }, make("i", { share: (item.score - last) / (best - last || 1) })),
        make("div", { className: "acts" }, reasons,
          run.spaces.length ? make("button", { type: "button", className: "link", textContent: "Similar items", on: { click: () => near(item) } }) : null)),
      make("span", { className: "score", textContent: digits(item.score), title: String(item.score) }));
    if (reasons) {
      reasons.setAttribute("aria-expanded", "false");
      reasons.addEventListener("click", () => {
        const open = row.querySelector(".why");
        if (open) open.remove(); else row.append(why(answer.why, place));
        reasons.setAttribute("aria-expanded", String(!open));
      });
    }
    return row;
  }));
}

function history(title, items) {
  $("history").hidden = items.length === 0;
  // On a phone the list comes first.
  $("history").open = matchMedia("(min-width: 56.01rem)").matches;
  $("history-title").textContent = title;
  $("history-items").replaceChildren(...items.map((item) => make("li", {}, image(item.image), make("div", {}, name(item), id(item)))));
}

async function recommend(body, title) {
  const turn = ++asked;
  say("Ranking all items");
  try {
    const wanted = { ...body, top: TOP, images: run.images };
    // A history may be too long for reasons; it has a list all the same.
    const answer = await ask("recommend", { ...wanted, why: true }).catch((error) => {
      if (error.reason !== "too-many") throw error;
      return ask("recommend", wanted);
    });
    if (turn !== asked) return;
    $("lists-title").textContent = title;
    show(answer);
    say(answer.fallback ? "Nothing is known of this user: these are the items that most users took."
      : `The best ${answer.items.length} of ${run.items.toLocaleString("en")} items. Those of the history are left out.`);
  } catch (error) {
    if (turn !== asked) return;
    $("recommended").replaceChildren();
    say(error.message, true);
  }
}

// A known user.

async function user(who) {
  location.hash = `user=${enc(who)}`;
  $("user").value = who;
  history("", []);
  const list = recommend({ user: who }, `Recommendations for ${who}`);
  try {
    const known = await ask(`users/${enc(who)}`);
    history(`${known.items.length} ${known.items.length === 1 ? "item" : "items"} in the history`, known.items);
  } catch { /* The list says what is wrong. */ }
  await list;
}

async function suggest() {
  const begin = $("user").value;
  try {
    const { users } = await ask(`users?begin=${enc(begin)}`);
    $("users").replaceChildren(...users.map((who) => make("option", { value: who })));
    if (!begin) {
      const some = users.slice(0, 3).map((who) => make("button", { type: "button", className: "link", textContent: who, on: { click: () => user(who) } }));
      $("some-users").replaceChildren(...some);
    }
  } catch { /* A field without suggestions still works. */ }
}

// Somebody new.

const chosen = new Map();
let found = [], marked = -1;

function choose(item) {
  chosen.set(item.item, item);
  $("search").value = "";
  close();
  fold();
}

function fold() {
  $("chosen").replaceChildren(...[...chosen.values()].map((item) => make("li", {}, image(item.image), name(item),
    make("button", { type: "button", className: "link", textContent: "Remove", ariaLabel: `Remove ${item.title || item.item}`,
      on: { click: () => { chosen.delete(item.item); fold(); } } }))));
  location.hash = `items=${[...chosen.keys()].map(enc).join(",")}`;
  if (chosen.size) return recommend({ items: [...chosen.keys()] }, "Recommendations for somebody new");
  asked++;
  $("recommended").replaceChildren();
  say("Choose the items of somebody new.");
}

function close() {
  found = []; marked = -1;
  $("found").hidden = true;
  $("search").setAttribute("aria-expanded", "false");
  $("search").removeAttribute("aria-activedescendant");
}

function mark(place) {
  marked = place;
  [...$("found").children].forEach((row, n) => row.setAttribute("aria-selected", String(n === place)));
  const row = $("found").children[place];
  if (row) { $("search").setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
}

async function search() {
  const words = $("search").value;
  try {
    const { items } = await ask(`items?search=${enc(words)}`);
    if (words !== $("search").value) return;
    found = items.filter((item) => !chosen.has(item.item));
    $("found").replaceChildren(...found.map((item, n) => {
      const row = make("li", { id: `found-${n}`, on: { mousedown: (event) => { event.preventDefault(); choose(item); } } }, image(item.image), make("div", {}, name(item), id(item)));
      row.setAttribute("role", "option");
      return row;
    }));
    if (!found.length) $("found").replaceChildren(make("li", { className: "hint", textContent: "No item holds these words." }));
    $("found").hidden = false;
    $("search").setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
  } catch (error) { say(error.message, true); }
}

// Neighbours.

async function near(item) {
  $("near-title").textContent = `Similar to ${item.title || item.item}`;
  $("spaces").replaceChildren(make("p", { className: "hint", textContent: "Comparing" }));
  $("near").showModal();
  const lists = await Promise.all(run.spaces.map(async (space) => {
    const head = make("h3", { textContent: space === "final" ? "final: the vectors that score" : space });
    try {
      const { items, images } = await ask(`similar?item=${enc(item.item)}&space=${enc(space)}&top=${NEAR}&images=${run.images}`);
      const rows = items.map((other) => make("li", {}, image((images || {})[other.item]), make("div", {}, name(other), id(other)), make("span", { className: "score", textContent: digits(other.score) })));
      return make("div", {}, head, rows.length ? make("ol", {}, ...rows) : make("p", { className: "hint", textContent: "Like no other item here." }));
    } catch (error) {
      return make("div", {}, head, make("p", { className: "hint", textContent: error.message }));
    }
  }));
  $("spaces").replaceChildren(...lists);
}

// The beginning.

function kind(which) {
  $("by-user").hidden = which !== "user";
  $("by-items").hidden = which !== "items";
  document.querySelector(`input[name="kind"][value="${which}"]`).checked = true;
  asked++;
  history("", []);
  $("recommended").replaceChildren();
  $("lists-title").textContent = "Recommendations";
  say(which === "user" ? "Choose a user." : "Choose the items of somebody new.");
}

async function begin() {
  run = await ask("run");
  $("unlock").hidden = true;
  $("main").hidden = false;
  const count = (n) => n.toLocaleString("en");
  $("run").textContent = `${run.model} on ${run.data}: ${count(run.users)} users, ${count(run.items)} items, run ${run.run}`;
  document.title = `${run.model} on ${run.data}`;
  const [what, value] = location.hash.slice(1).split("=");
  await suggest();
  if (what === "user" && value) await user(decodeURIComponent(value));
  if (what === "items") {
    kind("items");
    const ids = (value || "").split(",").filter(Boolean).map(decodeURIComponent);
    const items = await Promise.all(ids.map((id) => ask(`items/${enc(id)}`).catch(() => null)));
    items.filter(Boolean).forEach((item) => chosen.set(item.item, item));
    fold();
  }
}

const start = () => begin().catch((error) => { $("run").textContent = error.message; });
let typing;
const later = (act) => () => { clearTimeout(typing); typing = setTimeout(act, 120); };

$("unlock").addEventListener("submit", (event) => { event.preventDefault(); sessionStorage.setItem("token", $("token").value); start(); });
$("by-user").addEventListener("submit", (event) => { event.preventDefault(); user($("user").value); });
$("by-items").addEventListener("submit", (event) => { event.preventDefault(); if (found[marked]) choose(found[marked]); });
$("user").addEventListener("input", later(suggest));
$("search").addEventListener("input", later(search));
$("search").addEventListener("focus", search);
$("search").addEventListener("blur", close);
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
  if (!found.length || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  mark((marked + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
});
document.querySelectorAll('input[name="kind"]').forEach((radio) => radio.addEventListener("change", () => {
  kind(radio.value);
  if (radio.value === "items" && chosen.size) fold();
}));
start();
