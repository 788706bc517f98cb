// Counts down to times. The server gives them in seconds from now, since this device's clock may be
// wrong.

import { announce } from './announcer.js';
import { forEachElement } from './dom.js';

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const relativeTime = new Intl.RelativeTimeFormat(document.documentElement.lang || 'en', { numeric: 'always' });

/**
 * The running countdowns, with the local time in milliseconds at which each ends.
 *
 * @type {Map<HTMLTimeElement, number>}
 */
const endTimes = new Map();

/** @type {number | undefined} */
let countdownTimer;

/**
 * Starts a countdown. `updateCountdowns` shows it.
 *
 * @param {HTMLTimeElement} time
 * @param {number} seconds
 */
export function startCountdown(time, seconds) {
  endTimes.set(time, Date.now() + seconds * 1000);
}

/** Updates all countdowns, and keeps updating them every second while any is running. */
export function updateCountdowns() {
  for (const [time, end] of endTimes) {
    const secondsLeft = Math.ceil((end - Date.now()) / 1000);
    if (!time.isConnected || secondsLeft <= 0) endTimes.delete(time);
    if (time.isConnected) updateCountdown(time, secondsLeft);
  }
  if (endTimes.size) {
    countdownTimer ??= setInterval(updateCountdowns, 1000);
  } else {
    clearInterval(countdownTimer);
    countdownTimer = undefined;
  }
}

/**
 * @param {HTMLTimeElement} time
 * @param {number} secondsLeft
 */
function updateCountdown(time, secondsLeft) {
  const { ends, left, say: message } = time.dataset;
  const over = secondsLeft <= 0;
  const text = over ? 'now' : left ? inUnits(secondsLeft) : inWords(secondsLeft);
  if (time.textContent !== text) time.textContent = text;
  if (ends) {
    forEachElement(`[data-until=${ends}]`, (/** @type {HTMLElement} */ element) => (element.hidden = over));
    forEachElement(`[data-after=${ends}]`, (/** @type {HTMLElement} */ element) => {
      if ('disabled' in element) element.disabled = !over;
      else element.hidden = !over;
    });
  }
  if (over && message) announce(message);
}

/**
 * Returns a wait in words, for example `in 24 seconds`. With reduced motion, it changes every ten
 * seconds.
 *
 * @param {number} seconds
 */
function inWords(seconds) {
  if (seconds > 5400) return relativeTime.format(Math.ceil(seconds / 3600), 'hour');
  if (seconds > 90) return relativeTime.format(Math.ceil(seconds / 60), 'minute');
  return relativeTime.format(reducedMotion.matches && seconds > 10 ? Math.ceil(seconds / 10) * 10 : seconds, 'second');
}

/**
 * Returns a longer time as the server words it, for example `in 2 days and 3 hours`.
 *
 * @param {number} seconds
 */
function inUnits(seconds) {
  const minutes = Math.floor(seconds / 60);
  /** @type {[number, string][]} */
  const units = [[Math.floor(minutes / 1440), 'day'], [Math.floor(minutes / 60) % 24, 'hour'], [minutes % 60, 'minute']];
  const largest = units.findIndex(([count]) => count > 0);
  if (largest < 0) return 'in less than a minute';
  const told = units.slice(largest, largest + 2).filter(([count]) => count > 0);
  return `in ${told.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' and ')}`;
}
