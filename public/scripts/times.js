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

/** Preselects the reader's time zone for a new poll, if the server lists it. */
export function selectLocalTimeZone() {
  forEachElement('select[data-zone]', (/** @type {HTMLSelectElement} */ select) => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    if ([...select.options].some(({ value }) => value === timeZone)) select.value = timeZone;
    delete select.dataset.zone;
  });
}
