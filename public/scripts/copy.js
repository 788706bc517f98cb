// Copies a link, a code or another text to the clipboard, or opens the share dialogue.

import { announce } from './announcer.js';
import { closestToTarget, forEachElement } from './dom.js';

/** Shows the buttons to copy and to share, where the browser can. */
export function showCopyButtons() {
  if (navigator.clipboard) forEachElement('[data-copy]', showButton);
  if ('share' in navigator) forEachElement('[data-share]', showButton);
}

/** @param {HTMLElement} button */
const showButton = (button) => (button.hidden = false);

document.addEventListener('click', (event) => {
  const { title } = document;
  // Nothing is wrong if a person closes the dialogue.
  if (closestToTarget(event, '[data-share]')) navigator.share({ title, url: location.href }).catch(() => {});
});

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
