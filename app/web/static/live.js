// The live page: shows each snapshot the server sends, lets waits tick, and opens the story of a call.

import { element } from "./dom.js";
import { showStory, storyIs, tellAgain, wireStory } from "./story.js";

const POLL_MS = 2000;
const LONG_WAIT_S = 120;
const ACTIVITIES = { available: "available", break: "on a break", off: "off duty" };

const $ = (id) => document.getElementById(id);
let clockAhead = 0;
let known = new Set();
let polling = 0;

const serverNow = () => Date.now() + clockAhead;

function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const rest = String(seconds % 60).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${rest}`;
  if (seconds >= 86400) return `${Math.floor(seconds / 86400)} d`;
  return `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}:${rest}`;
}

function ticking(since, kind) {
  return element("span", { class: kind, "data-since": since }, span(serverNow() - since));
}

function tick() {
  for (const shown of document.querySelectorAll("[data-since]")) {
    const passed = serverNow() - Number(shown.dataset.since);
    const text = span(passed);
    if (shown.textContent !== text) shown.textContent = text;
    shown.classList.toggle("long", shown.closest("#waiting") !== null && passed >= LONG_WAIT_S * 1000);
  }
  const longest = document.querySelectorAll("#waiting [data-since]");
  const waits = [...longest].map((shown) => serverNow() - Number(shown.dataset.since));
  $("count-longest").textContent = waits.length ? span(Math.max(...waits)) : "–";
}

// --- calls ---------------------------------------------------------------------------------------------------------

function callRow(row, mark, details) {
  const words = row.heard ? element("q", {}, row.heard) : "nothing heard yet";
  const name = `${row.caller}, ${details.join(", ")}. Open the story.`;
  return element("li", {}, element("button",
    { type: "button", class: "call", "data-call": row.call, "aria-label": name, onclick: () => showStory(row.call) },
    element("span", { class: "place", "aria-hidden": "true" }, mark),
    element("span", { class: "who" }, element("b", {}, row.caller),
      row.vip ? element("span", { class: "chip vip" }, "VIP") : null,
      element("span", { class: "chip", "data-mood": row.mood }, row.mood),
      ...details.map((detail) => element("span", { class: "quiet" }, detail))),
    ticking(row.since, "time"),
    element("span", { class: "said-words" }, words)));
}

function waitingRow(row) {
  const details = [row.queue_title];
  if (row.ringing.length) details.push(`☎ ringing ${row.ringing.join(", ")}`);
  return callRow(row, String(row.position), details);
}

function progressRow(row) {
  const details = [row.agent ? `${row.state_title} with ${row.agent}` : row.state_title];
  if (row.queue_title) details.push(row.queue_title);
  return callRow(row, row.agent ? "☎" : "…", details);
}

// Rows are replaced only if they changed, so that focus and screen readers stay where they are.
function fill(list, rows, build) {
  const old = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = rows.map((row) => {
    const key = row.name ?? row.call;
    const present = JSON.stringify(row);
    const kept = old.get(key);
    if (kept && kept.dataset.present === present) return kept;
    const item = build(row);
    item.dataset.key = key;
    item.dataset.present = present;
    if (kept && kept.contains(document.activeElement)) queueMicrotask(() => item.querySelector("button, select")?.focus());
    return item;
  });
  if (items.length !== list.children.length || items.some((item, at) => list.children[at] !== item)) list.replaceChildren(...items);
  document.querySelector(`[data-for="${list.id}"]`).hidden = rows.length > 0;
}

// --- agents --------------------------------------------------------------------------------------------------------

function agentRow(row) {
  const choices = Object.entries(ACTIVITIES).map(([value, text]) =>
    element("option", { value, selected: value === row.activity }, text));
  return element("li", { "data-state": row.state },
    element("span", { class: "dot", "aria-hidden": "true" }),
    element("span", { class: "name" }, row.name),
    element("select", { "aria-label": `Activity of ${row.name}`, onchange: (event) => setActivity(row, event.target) }, ...choices),
    element("span", { class: "doing" }, `${row.state} · `, ticking(row.since, "")));
}

async function setActivity(row, select) {
  const answer = await fetch(`/api/v1/agents/${encodeURIComponent(row.name)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": document.body.dataset.csrf },
    body: JSON.stringify({ activity: select.value }),
  }).catch(() => null);
  if (!answer || !answer.ok) {
    select.value = row.activity;
    link("away", "The change was not accepted");
  }
}

// --- earlier calls -------------------------------------------------------------------------------------------------

async function showRecent() {
  const answer = await fetch("/api/v1/calls?limit=12").catch(() => null);
  if (!answer || !answer.ok) return;
  const { calls } = await answer.json();
  fill($("recent"), calls.filter((call) => call.ended), (call) => {
    const where = [call.queue.replace("@", "") || call.route, call.agent].filter(Boolean).join(" → ");
    const spent = call.agent ? `waited ${span(call.waited_ms)}, talked ${span(call.talked_ms)}` : "";
    return element("li", {}, element("button", { type: "button", onclick: () => showStory(call.call) },
      element("time", { datetime: new Date(call.started).toISOString() },
        new Date(call.started).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
      element("span", {}, element("b", {}, call.outcome), where ? ` · ${where}` : ""),
      element("span", { class: "how" }, spent)));
  });
}

// --- the stream ----------------------------------------------------------------------------------------------------

function link(state, text) {
  $("link").dataset.state = state;
  $("link").textContent = text;
}

function show(view) {
  clockAhead = view.now - Date.now();
  fill($("waiting"), view.waiting, waitingRow);
  fill($("progress"), view.in_progress, progressRow);
  fill($("agents"), view.agents, agentRow);
  $("count-waiting").textContent = view.waiting.length;
  $("count-progress").textContent = view.in_progress.length;
  $("count-free").textContent = view.agents.filter((agent) => agent.state === "free").length;
  $("degraded").hidden = view.degraded.length === 0;
  $("degraded").firstElementChild.replaceChildren(...view.degraded.map((text) => element("li", {}, text)));
  tick();
  const present = new Set([...view.waiting, ...view.in_progress].map((row) => row.call));
  // History follows a moment behind what is live.
  if ([...known].some((call) => !present.has(call))) setTimeout(showRecent, 400);
  known = present;
  if (storyIs() !== null) setTimeout(tellAgain, 300);
}

async function poll() {
  const answer = await fetch("/api/v1/live").catch(() => null);
  if (answer && answer.status === 401) location.assign("/login");
  if (answer && answer.ok) {
    show(await answer.json());
    link("live", "Up to date");
  } else {
    link("away", "The server does not answer");
  }
}

function join() {
  const stream = new EventSource("/live");
  stream.addEventListener("live", (event) => {
    clearInterval(polling);
    polling = 0;
    link("live", "Live");
    show(JSON.parse(event.data));
  });
  stream.addEventListener("away", () => link("away", "The store does not answer"));
  stream.addEventListener("error", () => {
    link("joining", "Reconnecting…");
    if (stream.readyState !== EventSource.CLOSED) return;
    // Refused for good: signed out, or all streams are taken. Asking now and then tells which, and goes on.
    if (!polling) polling = setInterval(poll, POLL_MS);
    poll();
    setTimeout(join, 15000);
  });
}

wireStory();
showRecent();
setInterval(tick, 250);
join();
