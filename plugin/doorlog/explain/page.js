"use strict";
(() => {
  const get = (id) => document.getElementById(id);
  const parts = (text) => (text ? text.split(" ") : []);
  // From whatever can be pointed at to all that lights up with it: field -> came from and looked at, and back.
  const came = new Map(), looked = new Map();
  const link = (map, from, to) => { if (!map.has(from)) map.set(from, new Set()); map.get(from).add(to); };
  const fields = [...document.querySelectorAll("[data-came]")];
  for (const field of fields) {
    for (const id of parts(field.dataset.came)) { link(came, field.id, id); link(came, id, field.id); }
    for (const id of parts(field.dataset.looked)) { link(looked, field.id, id); link(looked, id, field.id); }
  }
  const ofField = (id, result) => {
    for (const other of came.get(id) ?? []) result.came.add(other);
    for (const other of looked.get(id) ?? []) result.looked.add(other);
  };
  // Pointing at a record's value or a line of the mapping shows the fields, and with these what they have in common.
  const lit = (id) => {
    const result = { came: new Set(), looked: new Set() };
    if (id.startsWith("e")) { ofField(id, result); return result; }
    const kind = id[0];
    for (const field of came.get(id) ?? []) {
      result.came.add(field);
      for (const other of came.get(field) ?? []) if (other[0] !== kind) result.came.add(other);
    }
    for (const field of looked.get(id) ?? []) if (!result.came.has(field)) result.looked.add(field);
    return result;
  };
  const aside = fields.length ? document.querySelector("aside") : null;
  const others = document.createElement("article");
  if (aside) aside.append(others);
  const told = (id) => {
    if (!aside) return;
    for (const article of aside.children) article.hidden = true;
    const own = id && get("d-" + id);
    if (own) { own.hidden = false; aside.scrollTop = 0; return; }
    others.hidden = false;
    others.replaceChildren();
    const say = (tag, text, into = others) => { const made = document.createElement(tag); made.textContent = text; into.append(made); return made; };
    if (!id) { say("p", "Point at a value of the record, a line of the mapping or a field of the event."); return; }
    for (const [map, heading] of [[came, "Fields that came from this"], [looked, "Fields that only looked at this"]]) {
      const found = [...(map.get(id) ?? [])];
      if (!found.length) continue;
      say("h3", heading);
      const list = say("ul", "");
      for (const field of found) say("li", get("d-" + field)?.querySelector("code")?.textContent ?? field, list);
    }
    if (!came.has(id) && !looked.has(id)) say("p", "No field came from this.");
  };
  let pinned = null, shown = null;
  const clear = () => { for (const one of document.querySelectorAll(".came, .looked, .pointed, .pinned")) if (!one.classList.contains("key")) one.classList.remove("came", "looked", "pointed", "pinned"); };
  const into_view = (from, ids) => {
    const columns = new Set();
    for (const id of ids) {
      const one = get(id), column = one?.closest(".scroll");
      if (!column || column === get(from)?.closest(".scroll") || columns.has(column)) continue;
      columns.add(column);
      const box = column.getBoundingClientRect(), at = one.getBoundingClientRect();
      if (at.top < box.top + 24 || at.bottom > box.bottom - 24) column.scrollTop += at.top - box.top - box.height / 3;
    }
  };
  const show = (id, scroll) => {
    if (id === shown) return;
    shown = id;
    clear();
    told(id);
    if (!id) return;
    const result = lit(id);
    for (const other of result.looked) get(other)?.classList.add("looked");
    for (const other of result.came) { get(other)?.classList.remove("looked"); get(other)?.classList.add("came"); }
    get(id)?.classList.add("pointed");
    if (pinned === id) get(id)?.classList.add("pinned");
    if (scroll) into_view(id, [...result.came, ...result.looked]);
  };
  const pin = (id) => { pinned = pinned === id ? null : id; shown = null; show(id, true); };
  for (const id of [...came.keys(), ...looked.keys()]) {
    const one = get(id);
    if (one?.classList.contains("code")) { one.classList.add("used", "item"); one.tabIndex = 0; }
  }
  for (const one of document.querySelectorAll(".item")) {
    one.setAttribute("role", "button");
    one.addEventListener("mouseenter", () => { if (!pinned) show(one.id, true); });
    one.addEventListener("focus", () => { if (!pinned) show(one.id, true); });
    one.addEventListener("click", () => pin(one.id));
    one.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pin(one.id); }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        const all = [...one.closest(".scroll").querySelectorAll(".item")], next = all[all.indexOf(one) + step];
        if (next) { event.preventDefault(); next.focus(); }
      }
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { pinned = null; show(null, false); } });
  const asked = decodeURIComponent(location.hash.slice(1));
  const start = fields.find((field) => get("d-" + field.id)?.querySelector("code")?.textContent === asked);
  if (start) pin(start.id); else told(null);
})();
