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

/** @type {EventSource | undefined} */
let stream;
/** The path of the stream, and the element that shows its results. */
let [path, place] = ['', /** @type {HTMLElement | null} */ (null)];

/** Follows the results that the page shows, as long as its tab is visible. */
export function followResults() {
  const shown = document.hidden ? null : /** @type {HTMLElement | null} */ (document.querySelector('[data-stream]'));
  if (shown === place && (shown?.dataset.stream ?? '') === path) return;
  [path, place] = [shown?.dataset.stream ?? '', shown];
  connect();
}

function connect() {
  stream?.close();
  if (!path) return;
  const source = (stream = new EventSource(path));
  source.onopen = () => showLiveNote(true);
  source.onmessage = async ({ data }) => {
    if (!place || source !== stream) return;
    await htmx.swap({ text: data, sourceElement: place, target: place, swap: 'innerMorph', transition: false });
    // Results are announced a second after a change at the earliest, and at most once in each interval.
    announcementTimer ??= setTimeout(announceResults, Math.max(1000, lastAnnouncedAt + ANNOUNCEMENT_INTERVAL - Date.now()));
  };
  source.addEventListener('over', () => {
    source.close();
    showLiveNote(false);
    // The hall view loads what else has changed.
    place?.dispatchEvent(new Event('over', { bubbles: true }));
  });
  source.onerror = () => {
    showLiveNote(false);
    // The browser reconnects by itself, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === stream && connect(), 10_000 * (1 + Math.random()));
  };
}

document.addEventListener('visibilitychange', followResults);
