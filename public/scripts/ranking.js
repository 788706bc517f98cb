// Ranked ballots: choices move by taps and buttons. The lists of places, which are what is sent,
// follow.

import { announce } from './announcer.js';
import { closestToTarget, forEachElement } from './dom.js';
import { clearErrors } from './field_errors.js';

/** The place of choices that are not ranked, which come last. */
const UNRANKED = Infinity;

/** @type {WeakSet<HTMLElement>} */
const sortedRankings = new WeakSet();

/** Sorts the choices of each ranking by their places, and shows the buttons that move them. */
export function sortRankings() {
  forEachElement('[data-ranking]', (/** @type {HTMLElement} */ list) => {
    if (!sortedRankings.has(list)) arrange(list);
    sortedRankings.add(list);
  });
}

/**
 * Sorts a ranking, and moves one choice to an index among the ranked choices, or below them.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} [moved]
 * @param {number} [index]
 */
function arrange(list, moved, index = UNRANKED) {
  const rows = /** @type {HTMLElement[]} */ ([...list.children]).sort((a, b) => placeOf(a) - placeOf(b));
  const ranked = rows.filter((row) => row !== moved && placeOf(row) < UNRANKED);
  const unranked = rows.filter((row) => row !== moved && placeOf(row) === UNRANKED);
  if (moved && index < UNRANKED) ranked.splice(index, 0, moved);
  else if (moved) unranked.unshift(moved);

  [...ranked, ...unranked].forEach((row, position) => {
    const isRanked = position < ranked.length;
    placeSelect(row).value = isRanked ? String(position + 1) : '';
    row.classList.toggle('placed', isRanked);
    if (list.children[position] !== row) list.insertBefore(row, list.children[position] ?? null);
    row.querySelectorAll('button').forEach((button) => (button.hidden = false));
  });

  if (!moved) return;
  clearErrors(placeSelect(moved));
  const place = index < UNRANKED ? `rank ${ranked.indexOf(moved) + 1} of ${rows.length}` : 'not ranked';
  announce(`${moved.querySelector('label')?.textContent}: ${place}`);
}

/**
 * Moves the choice of a control, which keeps the focus. The page scrolls along when keys are used;
 * under a finger or mouse it stays where it is.
 *
 * @param {HTMLElement} control
 * @param {number} index
 */
function moveChoice(control, index) {
  const preventScroll = !control.matches(':focus-visible');
  arrange(rankingOf(control), rowOf(control), index);
  control.focus({ preventScroll });
}

/** @param {HTMLElement} control */
const rankingOf = (control) => /** @type {HTMLElement} */ (control.closest('[data-ranking]'));

/** @param {HTMLElement} control */
const rowOf = (control) => /** @type {HTMLElement} */ (control.closest('li'));

/** @param {HTMLElement} row */
const placeSelect = (row) => /** @type {HTMLSelectElement} */ (row.querySelector('select'));

/** @param {HTMLElement} row */
const placeOf = (row) => Number(placeSelect(row).value) || UNRANKED;

/** @param {HTMLElement} list */
const countRanked = (list) => list.querySelectorAll('.placed').length;

document.addEventListener('change', (event) => {
  const select = closestToTarget(event, '[data-ranking] select');
  if (select instanceof HTMLSelectElement) moveChoice(select, select.value ? Number(select.value) - 1 : UNRANKED);
});

document.addEventListener('click', (event) => {
  const button = closestToTarget(event, '[data-ranking] [data-move]');
  if (button) return moveByButton(button);
  // A tap on a choice that is not ranked gives it the next place.
  const row = closestToTarget(event, '[data-ranking] li');
  if (!row || row.matches('.placed') || closestToTarget(event, 'select, button')) return;
  event.preventDefault();
  arrange(rankingOf(row), row, countRanked(rankingOf(row)));
});

/**
 * Moves the choice of an "up" or "down" button by one place. Below the last place, a choice is not
 * ranked.
 *
 * @param {HTMLElement} button
 */
function moveByButton(button) {
  const ranked = countRanked(rankingOf(button));
  const index = placeOf(rowOf(button)) - 1;
  if (button.dataset.move === 'up') moveChoice(button, Math.max(Math.min(index, ranked + 1) - 1, 0));
  else moveChoice(button, index < ranked - 1 ? index + 1 : UNRANKED);
}
