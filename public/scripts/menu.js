// Closes the account menu after a choice, a click elsewhere or Escape.

import { forEachElement } from './dom.js';

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return;
  forEachElement('.menu[open]', (/** @type {HTMLDetailsElement} */ menu) => {
    menu.open = menu.contains(target) && !target.closest('.menu-panel a');
  });
});

document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  forEachElement('.menu[open]', (/** @type {HTMLDetailsElement} */ menu) => {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  });
});
