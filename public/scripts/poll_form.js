// Pasted lists, closing times and unsaved changes of the poll form.

import { closestToTarget, forEachElement } from './dom.js';

const FORM = 'form.poll-form';
let unsaved = false;

/** Forgets unsaved changes once their form has left the page. */
export function forgetSavedForm() {
  unsaved &&= document.querySelector(FORM) !== null;
}

document.addEventListener('input', (event) => {
  if (!closestToTarget(event, FORM)) return;
  unsaved = true;
  // A time that is entered is the answer to "When does it close?", and another answer clears it.
  const { id, name } = /** @type {HTMLInputElement} */ (event.target);
  if (id === 'closes') forEachElement('#until-time', (/** @type {HTMLInputElement} */ radio) => (radio.checked = true));
  if (name === 'until' && id !== 'until-time') forEachElement('#closes', (/** @type {HTMLInputElement} */ time) => (time.value = ''));
});

// A list that is pasted into one choice becomes many, by the button that adds a list.
document.addEventListener('paste', (event) => {
  const text = event.clipboardData?.getData('text/plain').trim() ?? '';
  const lines = document.querySelector('#lines');
  if (!text.includes('\n') || !(lines instanceof HTMLTextAreaElement) || !closestToTarget(event, '[name=choice]')) return;
  event.preventDefault();
  lines.value = text;
  forEachElement('[value=lines]', (/** @type {HTMLElement} */ button) => button.click());
});

document.addEventListener('submit', ({ target }) => {
  if (target instanceof Element && target.matches(FORM)) unsaved = false;
});

// A form that was refused comes back unsaved.
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  unsaved ||= ctx.sourceElement.matches(FORM) && document.querySelector(FORM) !== null;
});

addEventListener('beforeunload', (event) => {
  if (unsaved && document.querySelector(FORM)) event.preventDefault();
});

document.addEventListener('htmx:before:request', (event) => {
  if (!unsaved || !event.detail.ctx.sourceElement.matches('a')) return;
  if (!confirm('Leave this page? What you wrote is not saved.')) event.preventDefault();
});
