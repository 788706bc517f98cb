// Announces live results, and shows whether they are live.

import { announce } from './announcer.js';
import { forEachElement } from './dom.js';

const ANNOUNCEMENT_INTERVAL = 10_000;

/** When the results were last announced, and what was said. */
let lastAnnouncedAt = 0;
/** @type {string | undefined} */
let lastSummary;
/** @type {number | undefined} */
let announcementTimer;

/** Returns the summary of the results on the page. */
const summary = () =>
  ['.verdict', 'caption'].map((part) => document.querySelector(`.live ${part}`)?.textContent ?? '').join(' ').trim();

/** Announces the summary of the results, if it has changed. */
function announceResults() {
  announcementTimer = undefined;
  const text = summary();
  if (!text || text === lastSummary) return;
  lastAnnouncedAt = Date.now();
  lastSummary = text;
  announce(text);
}

/** @param {boolean} isLive */
function showLiveNote(isLive) {
  lastSummary ??= summary();
  forEachElement('[data-live]', (/** @type {HTMLElement} */ note) => {
    note.hidden = (note.dataset.live === 'on') !== isLive;
  });
}

// Results are announced a second after a change at the earliest, and at most once in each interval.
document.addEventListener('htmx:sse:after:message', () => {
  announcementTimer ??= setTimeout(announceResults, Math.max(1000, lastAnnouncedAt + ANNOUNCEMENT_INTERVAL - Date.now()));
});

document.addEventListener('htmx:sse:after:connection', () => showLiveNote(true));
document.addEventListener('htmx:sse:close', () => showLiveNote(false));
document.addEventListener('htmx:sse:error', () => showLiveNote(false));
