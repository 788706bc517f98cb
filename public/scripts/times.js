// Shows times in the reader's time zone.

import { startCountdown } from './countdowns.js';
import { forEachElement } from './dom.js';

/** @type {Intl.DateTimeFormatOptions} */
const DATE_AND_TIME = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };

/** @type {WeakSet<HTMLTimeElement>} */
const localTimes = new WeakSet();

/** Shows each time in the reader's zone, or as a countdown. */
export function showLocalTimes() {
  forEachElement('time[datetime]', (/** @type {HTMLTimeElement} */ time) => {
    if (!localTimes.has(time)) showLocalTime(time);
    localTimes.add(time);
  });
}

/** @param {HTMLTimeElement} time */
function showLocalTime(time) {
  const { countdown, left, short } = time.dataset;
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) return;
  time.title = date.toLocaleString([], { dateStyle: 'full', timeStyle: 'long' });
  const seconds = countdown ?? left;
  if (seconds) startCountdown(time, Number(seconds));
  else time.textContent = date.toLocaleString([], short === undefined ? DATE_AND_TIME : { timeStyle: 'medium' });
}

/** Fills in the reader's time zone for a new poll. */
export function fillInLocalTimeZone() {
  forEachElement('[data-zone] input', (/** @type {HTMLInputElement} */ input) => {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');
    input.closest('[data-zone]')?.removeAttribute('data-zone');
  });
}
