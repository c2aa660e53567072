// The story of one call in a dialog: every event with its time, the words heard, the reasons of each decision.

import { element } from "./dom.js";

const $ = (id) => document.getElementById(id);
let open = null;
let latest = 0;

export const storyIs = () => open;

export function wireStory() {
  $("story-close").addEventListener("click", () => $("story").close());
  $("story").addEventListener("close", () => { open = null; });
  $("story").addEventListener("click", (event) => { if (event.target === $("story")) $("story").close(); });
  $("story-minor").addEventListener("change", (event) => $("story-events").classList.toggle("all", event.target.checked));
}

export function showStory(call) {
  open = call;
  $("story-title").textContent = "Call";
  $("story-facts").textContent = "";
  $("story-events").replaceChildren();
  $("story").showModal();
  tellAgain();
}

export async function tellAgain() {
  const call = open;
  if (call === null) return;
  const mine = ++latest;
  const answer = await fetch(`/api/v1/calls/${encodeURIComponent(call)}`).catch(() => null);
  if (call !== open || mine !== latest) return;
  if (!answer || !answer.ok) {
    $("story-facts").textContent = answer && answer.status === 404
      ? "History has not heard of this call yet." : "History does not answer.";
    setTimeout(() => { if (call === open && mine === latest) tellAgain(); }, 1000);
    return;
  }
  tell(await answer.json());
}

function tell({ call, events }) {
  $("story-title").textContent = call.caller || (call.erased ? "Caller erased" : "Caller withheld");
  $("story-facts").textContent = [
    new Date(call.started).toLocaleString(), call.route && `route ${call.route}`, call.mood, call.outcome || "still going on",
  ].filter(Boolean).join(" · ");
  $("story-events").replaceChildren(...events.map((event) => eventLine(event, call.started)));
}

function eventLine(event, started) {
  return element("li", { class: event.minor ? "minor" : null, "data-type": event.type },
    element("time", { class: "at", datetime: new Date(event.at).toISOString(), title: new Date(event.at).toLocaleTimeString() },
      `+${((event.at - started) / 1000).toFixed(1)} s`),
    element("div", { class: "what" },
      element("div", {}, event.heard ? `${event.title} ` : event.title, event.heard ? element("q", {}, event.heard) : null),
      event.why ? element("div", { class: "why" }, event.why) : null));
}
