// Small helpers for the page. Text of others is only ever set as text.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Show an element, or hide it. */
export const show = (element, shown = true) => { element.hidden = !shown; };

/** A new element with a class and a text. */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Say something to those who do not see the page; the same text twice is said twice. */
export function say(text) {
  const live = byId('live');
  live.textContent = '';
  requestAnimationFrame(() => { live.textContent = text; });
}
