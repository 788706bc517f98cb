// Copies a link, a code or another text to the clipboard.

import { announce } from './announcer.js';
import { closestToTarget, forEachElement } from './dom.js';

/** Shows the copy buttons, where the browser allows copying. */
export function showCopyButtons() {
  if (!navigator.clipboard) return;
  forEachElement('[data-copy]', (/** @type {HTMLElement} */ button) => (button.hidden = false));
}

document.addEventListener('click', async (event) => {
  const button = closestToTarget(event, '[data-copy]');
  if (!button) return;
  /** @type {HTMLElement & { value?: string } | null} */
  const source = document.getElementById(button.dataset.copy ?? '');
  // A second click may come while the button still says "Copied".
  const label = (button.dataset.before ??= button.textContent);
  try {
    await navigator.clipboard.writeText(source?.value ?? source?.textContent.trim() ?? '');
    button.textContent = 'Copied';
    announce('Copied.');
  } catch {
    button.textContent = 'Copy failed';
    announce('Copy failed.');
  }
  setTimeout(() => (button.textContent = label), 2000);
});
