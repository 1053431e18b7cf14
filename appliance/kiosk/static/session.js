// What a traveller has set for themselves (large text, contrast, reach, volume): kept in this tab until the session ends, on
// <html> before anything is painted, and nowhere else.
"use strict";

window.session = (() => {
  const KEY = "booth";
  const MODES = ["large", "contrast", "reach"];

  function all() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  }

  function get(name) {
    return all()[name];
  }

  function set(name, value) {
    sessionStorage.setItem(KEY, JSON.stringify({ ...all(), [name]: value }));
    show();
  }

  function show() {
    const chosen = all();
    for (const mode of MODES) document.documentElement.toggleAttribute(`data-${mode}`, Boolean(chosen[mode]));
  }

  show();
  return { get, set };
})();
