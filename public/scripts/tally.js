// Says above the button of a ballot how many choices are chosen, ranked or rated.

import { forEachElement } from './dom.js';

/**
 * Counts the choices. Before the first of them nothing is said.
 *
 * @param {Event} [event]
 */
export function tallyChoices(event) {
  forEachElement('[data-tally]', (/** @type {HTMLElement} */ line) => {
    const count = line.closest('form')?.querySelectorAll('.choice :checked, .placed, .rate :checked').length;
    const words = `${count} ${line.dataset.tally}`;
    if ((event || count) && line.textContent !== words) line.textContent = words;
  });
}

// A select doesn't fire clicks when keys change it, and the buttons of a ranking fire nothing else.
document.addEventListener('change', tallyChoices);
document.addEventListener('click', tallyChoices);
